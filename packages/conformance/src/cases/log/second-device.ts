// LOG-DEVICE: two devices that have the same seed, and one that was restored from a backup.

import type { Remote } from "@remote-log/core";
import { check, equal, fail, rejectsWith, sameBytes } from "../../assert.ts";
import { lyingRemote } from "../../liar/index.ts";
import type { LogCase } from "./log-case.ts";
import { copyOf, newJournal } from "./log-world.ts";

/** Two devices that have the same seed, and one that went back to a backup. */
export const secondDeviceCases: readonly LogCase[] = [
  {
    id: "LOG-DEVICE-01",
    title: "a second device that writes beside the first is told so, and overwrites nothing",
    requires: ["reopen"],
    async run(world) {
      const [seed, journal, written] = [world.seed(), newJournal(), world.contents(4)];
      const first = await world.writer([world.remote], { seed, journal });
      await first.append(written[0]!);
      await world.confirmed(first);
      const other = lyingRemote(await world.another());
      const second = await world.writer([other], { seed, journal: await copyOf(journal) });
      await world.settled(() => second.publish());
      await first.append(written[1]!);
      await world.confirmed(first);
      const head = await headOf(world.remote, first.logId);
      await world.settled(async () => sameBytes(await headOf(other, first.logId), head, "the head"));
      await second.append(written[3]!);
      const before = other.history.updates.length;
      const error = await rejectsWith(second.publish(), "ERR_CONFLICT", "the second device's publish");
      const { foreign } = error as Error & { foreign?: unknown };
      check(foreign instanceof Uint8Array, "the error does not carry the other device's head");
      equal(other.history.updates.length, before, "number of updates by the second device");
      sameBytes(await headOf(world.remote, first.logId), head, "the head");
      await first.append(written[2]!);
      await world.settled(() => first.publish());
      await world.readsAll([world.remote], first.logId, written.slice(0, 3));
    },
  },
  {
    id: "LOG-DEVICE-02",
    title: "a journal that was restored from a backup signs nothing until it has recovered what it lacks",
    requires: ["reopen"],
    async run(world) {
      const [seed, journal, written] = [world.seed(), newJournal(), world.contents(6)];
      const first = await world.writer([world.remote], { seed, journal });
      await first.appendAll(written.slice(0, 2));
      await first.publish();
      const backup = await copyOf(journal);
      await first.appendAll(written.slice(2, 5));
      await first.publish();
      await first.close();
      const other = lyingRemote(await world.another());
      await world.readsAll([other], first.logId, written.slice(0, 5));
      const restored = await world.writer([other], { seed, journal: backup });
      await restored.append(written[5]!);
      await rejectsWith(restored.publish(), "ERR_RESTORED", "publish");
      equal(other.history.updates.length, 0, "number of updates before recover()");
      equal((await restored.recover()).recovered, 3, "number of entries recovered");
      await world.settled(() => restored.publish());
      await world.readsAll([world.remote], first.logId, written);
    },
  },
  {
    id: "LOG-DEVICE-03",
    title: "a device that lost its journal gets the whole log back from the adapter",
    requires: ["reopen"],
    async run(world) {
      const [seed, written] = [world.seed(), world.contents(7)];
      const first = await world.writer([world.remote], { seed });
      await first.appendAll(written.slice(0, 6));
      await first.publish();
      await first.close();
      const other = lyingRemote(await world.another());
      await world.readsAll([other], first.logId, written.slice(0, 6));
      const anew = await world.writer([other], { seed });
      await rejectsWith(anew.publish(), "ERR_RESTORED", "publish");
      equal(other.history.updates.length, 0, "number of updates before recover()");
      await anew.recover();
      equal(anew.size, 6, "number of entries in the journal");
      await anew.append(written[6]!);
      await world.settled(() => anew.publish());
      await world.readsAll([world.remote], first.logId, written);
    },
  },
];

async function headOf({ names }: Remote, logId: string): Promise<Uint8Array> {
  const resolution = await names.resolve(logId);
  return resolution.status === "found" ? resolution.content : fail("the name of the log holds nothing");
}
