// LOG-RESUME: writers and readers that continue where an earlier run of theirs ended.

import { memoryReaderStore } from "@remote-log/core";
import { equal } from "../../assert.ts";
import { areFrom, collect, isWhole } from "./delivery.ts";
import type { LogCase } from "./log-case.ts";
import { newJournal } from "./log-world.ts";

/** Writers and readers that continue where an earlier run of theirs ended. */
export const resumeCases: readonly LogCase[] = [
  {
    id: "LOG-RESUME-01",
    title: "a writer that is closed and opened again on its journal continues with the same log",
    requires: ["reopen"],
    async run(world) {
      const [seed, journal, written] = [world.seed(), newJournal(), world.contents(9)];
      let logId = "";
      for (const size of [3, 4, 9]) {
        const writer = await world.writer([await world.another()], { seed, journal });
        equal(logId === "" || writer.logId === logId, true, "whether it is the same log");
        logId = writer.logId;
        await writer.appendAll(written.slice(writer.size, size));
        await world.settled(() => writer.publish());
        await writer.close();
      }
      await world.readsAll([world.remote], logId, written);
    },
  },
  {
    id: "LOG-RESUME-02",
    title: "what a writer did not publish before it was closed, the next one on its journal does",
    requires: ["reopen"],
    async run(world) {
      const [seed, journal, written] = [world.seed(), newJournal(), world.contents(7)];
      const first = await world.writer([world.remote], { seed, journal });
      await first.appendAll(written.slice(0, 3));
      await first.publish();
      await first.appendAll(written.slice(3));
      await first.close();
      const other = await world.another();
      await world.readsAll([other], first.logId, written.slice(0, 3));
      const second = await world.writer([other], { seed, journal });
      equal(second.size, written.length, "number of entries in the journal");
      await world.settled(() => second.publish());
      await world.readsAll([world.remote], first.logId, written);
    },
  },
  {
    id: "LOG-RESUME-03",
    title: "a reader that is opened again with its store continues behind the entry where it stopped",
    requires: ["reopen"],
    async run(world) {
      const [store, written] = [memoryReaderStore(), world.contents(7)];
      const writer = await world.writer([world.remote]);
      await writer.appendAll(written);
      await writer.publish();
      const other = await world.another();
      await world.readsAll([other], writer.logId, written);
      const first = await world.reader([other], writer.logId, { store });
      for await (const entry of first.follow({ cursor: "here", live: false })) {
        areFrom([entry], written, entry.sequence);
        if (entry.sequence === 4) break;
      }
      await first.close();
      const second = await world.reader([await world.another()], writer.logId, { store });
      // The entry at which it stopped was not acknowledged by asking for the next one.
      isWhole(await collect(second.follow({ cursor: "here", live: false })), written, 4);
      const third = await world.reader([other], writer.logId, { store });
      equal((await collect(third.follow({ cursor: "here", live: false }))).entries.length, 0, "what is left");
    },
  },
];
