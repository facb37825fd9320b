// LOG-LIAR: a resolver that shows old heads, none, or those of others.

import { memoryReaderStore } from "@remote-log/core";
import { equal, outcomeOf, rejectsWith } from "../../assert.ts";
import { type Lie, lies } from "../../liar/index.ts";
import { collect, isRefused, isWhole, sameEntries } from "./delivery.ts";
import { setBackCode, unstoredCodes, writeElsewhere, writeLiedLog } from "./lied-log.ts";
import type { LogCase } from "./log-case.ts";

/** What stands behind the head under a name: the id of the remote, which nothing signs and no reader uses. */
const REMOTE_ID_FIELD_BYTES = 19;

function inHead(change: (content: Uint8Array) => Uint8Array): (content: Uint8Array) => Uint8Array {
  return (content) => {
    const changed = content.slice();
    changed.set(change(content.slice(0, -REMOTE_ID_FIELD_BYTES)));
    return changed;
  };
}

// A head without the id of the remote behind it is as good as one with it.
const cutOf = (bytes: number): number => (bytes === REMOTE_ID_FIELD_BYTES ? bytes + 1 : bytes);

const FORGED = ["ERR_INTEGRITY", "ERR_MALFORMED"];

/** A name system that forges, sets back, freezes or forgets. */
export const liarNameCases: readonly LogCase[] = [
  {
    id: "LOG-LIAR-11",
    title: "a head that was changed on its way is refused",
    async run(world) {
      const { liar, logId, written } = await writeLiedLog(world);
      const bits = Array.from({ length: 24 }, () => inHead(lies.flipBit(world.below(2 ** 16))));
      const changes = [
        ...bits,
        lies.truncate(),
        lies.truncate(cutOf(1 + world.below(200))),
        lies.extend(),
        lies.empty(),
      ];
      for (const change of changes) {
        liar.lie = lies.changedName(change);
        const delivery = await world.readWhole([liar], logId);
        // A flipped bit of an address is noticed where that is read: the object is another, or not there. One of the
        // format version makes a head of a version that is not known.
        const codes = [...FORGED, ...unstoredCodes(world), "ERR_UNSUPPORTED"];
        isRefused(delivery, written, codes, "a changed head");
      }
    },
  },
  {
    id: "LOG-LIAR-12",
    title: "the head of another log under this name is refused",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      const other = { seed: world.seed(), contents: world.contents(5), sizes: [5] };
      const [head] = await writeElsewhere(world, other);
      liar.lie = lies.shownName(head!.content);
      isRefused(await world.readWhole([liar], logId), written, FORGED, "another log's head");
      await world.readsAll([liar, honest], logId, written);
    },
  },
  {
    id: "LOG-LIAR-13",
    title: "a name that is set back after its newest state was seen delivers nothing of it",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      const reader = await world.reader([liar], logId);
      isWhole(await collect(reader.from(0)), written);
      for (const revision of ["old", "new"] as const) {
        liar.lie = lies.olderName(1, revision);
        await rejectsWith(
          reader.sync(),
          setBackCode(world),
          `a head from before under its ${revision} revision`,
        );
        isRefused(await collect(reader.from(0)), [], [setBackCode(world)], "a head from before");
        equal(reader.size, written.length, "the size that the reader knows");
      }
      await world.readsAll([liar, honest], logId, written);
      liar.lie = {};
      isWhole(await collect(reader.from(0)), written);
    },
  },
  {
    id: "LOG-LIAR-14",
    title: "a name that is set back between two runs of a reader is found out by its store",
    async run(world) {
      const { liar, logId, written } = await writeLiedLog(world);
      const store = memoryReaderStore();
      const first = await world.reader([liar], logId, { store });
      isWhole(await collect(first.from(0)), written);
      await first.close();
      liar.lie = lies.olderName(1, "new");
      const second = await world.reader([liar], logId, { store });
      isRefused(await collect(second.from(0)), [], [setBackCode(world)], "a head from before");
      equal(second.size, written.length, "the size that the reader knows");
    },
  },
  {
    id: "LOG-LIAR-15",
    title: "a state below the floor of a new reader is refused",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      const floor = { size: 5 };
      liar.lie = lies.olderName();
      const delivery = await world.readWhole([liar], logId, { floor });
      isRefused(delivery, [], ["ERR_ROLLBACK"], "a state below the floor");
      isWhole(await world.readWhole([liar, honest], logId, { floor }), written);
    },
  },
  {
    id: "LOG-LIAR-16",
    title:
      "an older head is read as the state that it was, and beside an honest remote the newest state wins",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      liar.lie = lies.olderName();
      isWhole(await world.readWhole([liar], logId), written.slice(0, 4));
      await world.readsAll([liar, honest], logId, written);
      await world.readsAll([honest, liar], logId, written);
    },
  },
  {
    id: "LOG-LIAR-17",
    title: "a name that is said to be absent delivers nothing, and hides nothing that an honest remote shows",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      const reader = await world.reader([liar], logId);
      isWhole(await collect(reader.from(0)), written);
      liar.lie = lies.absentName();
      isRefused(await collect(reader.from(0)), [], ["ERR_NOT_FOUND"], "an absent name, later");
      equal(reader.size, written.length, "the size that the reader knows");
      isRefused(await world.readWhole([liar], logId), [], ["ERR_NOT_FOUND"], "an absent name");
      await world.readsAll([liar, honest], logId, written);
    },
  },
  {
    id: "LOG-LIAR-18",
    title: "a name that never changes is believed by nobody who knows nothing yet, and takes nothing back",
    async run(world) {
      const { liar, honest, writer, logId, written } = await writeLiedLog(world);
      const reader = await world.reader([liar], logId);
      isWhole(await collect(reader.from(0)), written);
      const more = [...written, ...world.contents(2)];
      await writer.appendAll(more.slice(9));
      await world.settled(() => writer.publish());
      await world.readsAll([liar], logId, more);
      liar.lie = lies.unchangedName();
      equal((await reader.sync()).size, written.length, "the size while the name is frozen");
      isRefused(await world.readWhole([liar], logId), [], ["ERR_UNREACHABLE"], "an answer to no question");
      await world.readsAll([liar, honest], logId, more);
      liar.lie = {};
      await world.readsAll([liar], logId, more);
    },
  },
  {
    id: "LOG-LIAR-19",
    title: "an answer that is no answer is never taken for the end of the log, nor for news about it",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      const errors = [
        () => new TypeError("fetch failed"),
        () => new DOMException("This operation was aborted", "AbortError"),
        () => ({ code: "ERR_NOT_FOUND" }),
      ];
      for (const error of errors) {
        for (const operation of ["get", "resolve"] as const) {
          liar.lie = lies.failed(error, [operation]);
          const reader = await world.reader([liar], logId);
          const { entries, error: reason } = await collect(reader.from(0));
          equal(entries.length < written.length, true, `whether a failed ${operation} cut the log short`);
          sameEntries(entries, written.slice(0, entries.length));
          equal(reason === undefined, false, `whether a failed ${operation} passed for the end of the log`);
          await world.readsAll([liar, honest], logId, written);
          liar.lie = {};
          isWhole(await collect(reader.from(0)), written);
        }
      }
    },
  },
  {
    id: "LOG-LIAR-20",
    title:
      "a remote that is slow or silent can be given up, is given up by itself, and holds up no other one",
    async run(world) {
      const { liar, honest, logId, written } = await writeLiedLog(world);
      for (const lie of [lies.slow(60_000), lies.silent()] as Lie[]) {
        const reader = await world.reader([liar], logId);
        liar.lie = lie;
        const controller = new AbortController();
        const reason = new Error("gave up");
        const waiting = outcomeOf(reader.sync({ signal: controller.signal }));
        setTimeout(() => controller.abort(reason), 10);
        const outcome = await waiting;
        equal(
          outcome.status === "rejected" && outcome.reason === reason,
          true,
          "whether an abort ended the wait",
        );
        const limits = { requestMilliseconds: 100, patienceMilliseconds: 100 };
        const delivery = await world.readWhole([liar], logId, { limits });
        isRefused(delivery, [], ["ERR_TIMEOUT"], "an answer that does not come");
        // The honest remote has time enough, however busy the machine is.
        const lenient = { ...limits, requestMilliseconds: 3_000 };
        isWhole(await world.readWhole([liar, honest], logId, { limits: lenient }), written);
      }
    },
  },
];
