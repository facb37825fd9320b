// LOG-LIAR: a remote that lies to the writer.

import { addressOf, DeniedError } from "@remote-log/core";
import { check, equal, outcomeOf, rejectsAs, rejectsWith } from "../../assert.ts";
import { lies } from "../../liar/index.ts";
import { checkOneOf, isRefused } from "./delivery.ts";
import { unstoredCodes, writeFork, writeLiedLog } from "./lied-log.ts";
import type { LogCase } from "./log-case.ts";
import { copyOf } from "./log-world.ts";

/** What a writer makes of a remote that lies to it. */
export const liarWriterCases: readonly LogCase[] = [
  {
    id: "LOG-LIAR-26",
    title: "an update that was acknowledged and not kept is never confirmed, and is made up for later",
    async run(world) {
      const { liar, writer, logId, written } = await writeLiedLog(world);
      const more = [...written, ...world.contents(3)];
      liar.lie = lies.keptNothing("names");
      const [receipt] = await writer.appendAll(more.slice(9, 11));
      for (let attempt = 0; attempt < 3; attempt++) await outcomeOf(writer.publish());
      const status = writer.status().remotes.find(({ label }) => label === liar.label);
      equal(status?.confirmed, written.length, "number of entries that the liar confirmed");
      const waiting = new AbortController();
      const confirmed = outcomeOf(receipt!.confirmed({ remotes: "all", signal: waiting.signal }));
      waiting.abort(new Error("waited long enough"));
      equal((await confirmed).status, "rejected", "whether the entry was confirmed everywhere");
      liar.lie = {};
      // If names may lag, an older state does not prove that the update was lost: the next entry carries it along.
      if (!world.remote.names.capabilities.readYourWrites) await writer.append(more[11]!);
      await world.confirmed(writer);
      await world.readsAll([world.remote], logId, more.slice(0, writer.size));
    },
  },
  {
    id: "LOG-LIAR-27",
    title: "contents that were acknowledged and not kept stay in the journal, and reach an honest remote",
    async run(world) {
      const { liar, writer, logId, written, seed, journal } = await writeLiedLog(world);
      const more = [...written, ...world.contents(6)];
      liar.lie = lies.keptNothing("contents");
      await writer.appendAll(more.slice(9));
      await world.settled(async () => {
        const published = await outcomeOf(writer.publish());
        if (published.status === "rejected") checkOneOf(published.reason, ["ERR_REMOTE_CHANGED"], "publish");
        // If either may lag, what does not show yet may have been kept.
        const { storage, names } = world.remote;
        const showsAtOnce = storage.capabilities.readYourWrites && names.capabilities.readYourWrites;
        if (showsAtOnce) equal(published.status, "rejected", "how a publish of what is not kept ends");
        const status = writer.status().remotes.find(({ label }) => label === liar.label);
        check((status?.confirmed ?? 0) <= written.length, "what was not kept is not confirmed");
      });
      const backup = await copyOf(journal);
      await writer.close();
      const late = world.memory("late");
      await world.settled(async () => {
        const delivery = await world.readWhole([liar], logId);
        isRefused(delivery, more, unstoredCodes(world), "contents that were not kept");
      });
      const next = await world.writer([late], { seed, journal: backup });
      equal(next.size, more.length, "number of entries in the journal");
      await next.publish();
      await world.readsAll([late], logId, more);
      await world.readsAll([liar, late], logId, more);
    },
  },
  {
    id: "LOG-LIAR-28",
    title:
      "a put that is answered with the address of something else ends the publish before the name changes",
    async run(world) {
      const { liar, writer, logId, written } = await writeLiedLog(world);
      const more = [...written, ...world.contents(3)];
      const before = liar.history.updates.length;
      liar.lie = {
        put: async ({ content, remote }) =>
          addressOf(lies.flipBit()(content), remote.storage.capabilities.hashTypes[0]!),
      };
      await writer.appendAll(more.slice(9));
      await rejectsWith(writer.publish(), "ERR_INTEGRITY", "publish");
      equal(liar.history.updates.length, before, "number of updates");
      await world.readsAll([world.remote], logId, written);
      liar.lie = {};
      await world.settled(() => writer.publish());
      await world.readsAll([world.remote], logId, more);
    },
  },
  {
    id: "LOG-LIAR-29",
    title: "writes that were carried out and refused all the same are there once",
    async run(world) {
      const { liar, writer, logId, written } = await writeLiedLog(world);
      const more = [...written, ...world.contents(5)];
      const denied = () => new DeniedError("You may not.", { operation: "remote.write" });
      await writer.appendAll(more.slice(9, 12));
      for (let attempt = 0; attempt < 3; attempt++) {
        liar.lie = lies.doneButFailed(denied, 1);
        const outcome = await outcomeOf(writer.publish());
        if (outcome.status === "rejected") checkOneOf(outcome.reason, ["ERR_DENIED"], "publish");
      }
      liar.lie = {};
      await writer.appendAll(more.slice(12));
      await world.settled(() => writer.publish());
      await world.readsAll([world.remote], logId, more);
    },
  },
  {
    id: "LOG-LIAR-34",
    title:
      "outcomes of several contents in another order, or not one for each, end the publish before the name changes",
    requires: ["storage.putMany"],
    async run(world) {
      const { liar, writer, logId, written } = await writeLiedLog(world);
      const more = [...written, ...world.contents(12)];
      const before = liar.history.updates.length;
      await writer.appendAll(more.slice(9));
      for (const lie of [lies.otherOutcomes(), lies.otherOutcomes((outcomes) => outcomes.slice(1))]) {
        liar.lie = lie;
        await rejectsWith(writer.publish(), "ERR_INTEGRITY", "publish");
      }
      equal(liar.history.updates.length, before, "number of updates");
      await world.readsAll([world.remote], logId, written);
      liar.lie = {};
      await world.settled(() => writer.publish());
      await world.readsAll([world.remote], logId, more);
    },
  },
  {
    id: "LOG-LIAR-30",
    title:
      "a writer that is shown another history of its log overwrites nothing, and continues when the lie ends",
    async run(world) {
      const log = await writeLiedLog(world);
      const { liar, writer, logId, written, seed, journal } = log;
      const fork = await writeFork(world, log);
      const more = [...written, ...world.contents(3)];
      const backup = await copyOf(journal);
      await writer.close();
      for (const { content } of fork) {
        // A writer that has just been opened takes a longer history for a journal that was restored.
        const next = await world.writer([liar], { seed, journal: await copyOf(backup) });
        liar.lie = lies.shownName(content);
        const before = liar.history.calls.length;
        await next.append(world.context.content(12));
        const outcome = await outcomeOf(next.publish());
        check(outcome.status === "rejected", "a publish over another history succeeded");
        checkOneOf(outcome.reason, ["ERR_CONFLICT", "ERR_RESTORED"], "publish");
        const calls = liar.history.calls.slice(before).map(({ operation }) => operation);
        equal(calls.includes("update"), false, "whether the name was updated");
        await next.close();
      }
      liar.lie = {};
      const last = await world.writer([liar], { seed, journal: backup });
      await last.appendAll(more.slice(9));
      await world.settled(() => last.publish());
      await world.readsAll([world.remote], logId, more);
    },
  },
  {
    id: "LOG-LIAR-31",
    title: "a writer that is shown an older state, or none, publishes no second history of its log",
    async run(world) {
      const { liar, writer, logId, written } = await writeLiedLog(world);
      const more = [...written, ...world.contents(6)];
      const reader = await world.reader([world.remote], logId);
      await reader.sync();
      for (const lie of [lies.olderName(1, "old"), lies.olderName(1, "new"), lies.absentName()]) {
        liar.lie = lie;
        await writer.appendAll(more.slice(writer.size, writer.size + 2));
        await outcomeOf(writer.publish());
        liar.lie = {};
        await world.settled(() => writer.publish());
        await world.settled(async () => equal((await reader.sync()).size, writer.size, "the size"));
      }
      await world.readsAll([world.remote], logId, more);
    },
  },
  {
    id: "LOG-LIAR-32",
    title: "a writer that finds what is no head of its log under the name overwrites nothing",
    async run(world) {
      const { liar, writer, logId, written, seed, journal } = await writeLiedLog(world);
      const backup = await copyOf(journal);
      await writer.close();
      for (const content of [world.context.content(300), new Uint8Array(0)]) {
        const next = await world.writer([liar], { seed, journal: await copyOf(backup) });
        liar.lie = lies.shownName(content);
        const before = liar.history.calls.length;
        await next.append(world.context.content(12));
        await rejectsWith(next.publish(), "ERR_INTEGRITY", "publish");
        const calls = liar.history.calls.slice(before).map(({ operation }) => operation);
        equal(calls.includes("update"), false, "whether the name was updated");
        await next.close();
      }
      liar.lie = {};
      await world.readsAll([world.remote], logId, written);
    },
  },
  {
    id: "LOG-LIAR-33",
    title:
      "a writer that gets no answer gives up when it is told to, or by itself, and makes up for it later",
    async run(world) {
      const { liar, writer, logId, written, seed, journal } = await writeLiedLog(world);
      const more = [...written, ...world.contents(4)];
      await writer.close();
      const patient = await world.writer([liar], { seed, journal });
      await patient.appendAll(more.slice(9, 11));
      liar.lie = lies.silent();
      const controller = new AbortController();
      const reason = new Error("gave up");
      const publishing = patient.publish({ signal: controller.signal });
      setTimeout(() => controller.abort(reason), 10);
      await rejectsAs(publishing, reason, "a publish that is aborted");
      await patient.close();
      const hasty = await world.writer([liar], { seed, journal, requestMilliseconds: 100 });
      await hasty.append(more[11]!);
      await rejectsWith(hasty.publish(), "ERR_TIMEOUT", "a publish without an answer");
      await hasty.close();
      liar.lie = {};
      const last = await world.writer([liar], { seed, journal });
      await last.append(more[12]!);
      await world.settled(() => last.publish());
      await world.readsAll([world.remote], logId, more);
    },
  },
];
