// LOG-CATCHUP: readers that come back, read a part, or stay and follow.

import { memoryReaderStore } from "@remote-log/core";
import { check, equal, rejectsAs } from "../../assert.ts";
import { lyingRemote } from "../../liar/index.ts";
import { areFrom, collect, isWhole, sameEntries } from "./delivery.ts";
import type { LogCase } from "./log-case.ts";

/** Readers that come back, look at a part, or stay and follow. */
export const catchUpCases: readonly LogCase[] = [
  {
    id: "LOG-CATCHUP-01",
    title: "a reader that was away gets what it missed, in order, and nothing twice",
    requires: ["reopen"],
    async run(world) {
      const written = world.contents(9);
      const writer = await world.writer([world.remote]);
      const reader = await world.reader([await world.another()], writer.logId);
      let next = 0;
      for (const sizes of [[2], [3, 5], [6, 7, 9]]) {
        for (const size of sizes) {
          await writer.appendAll(written.slice(writer.size, size));
          await writer.publish();
        }
        next = await world.settled(async () => {
          const delivery = await collect(reader.from(next));
          isWhole(delivery, written.slice(0, writer.size), next);
          return next + delivery.entries.length;
        });
      }
      equal(next, written.length, "number of entries delivered");
    },
  },
  {
    id: "LOG-CATCHUP-02",
    title: "the newest entries, any single entry, and all from one on are read without the others",
    requires: ["reopen"],
    async run(world) {
      const written = world.contents(9);
      const writer = await world.writer([world.remote]);
      await writer.appendAll(written);
      await writer.publish();
      const other = await world.another();
      await world.readsAll([other], writer.logId, written);
      for (const count of [0, 1, 4, 20]) {
        const reader = await world.reader([other], writer.logId);
        const newest = await reader.latest(count);
        sameEntries(newest, written, Math.max(0, written.length - count));
      }
      for (const sequence of written.keys()) {
        const reader = await world.reader([other], writer.logId);
        areFrom([await reader.entry(sequence)], written, sequence);
        isWhole(await collect(reader.from(sequence)), written, sequence);
      }
    },
  },
  {
    id: "LOG-CATCHUP-03",
    title: "a reader that is up to date asks for the name once, and for nothing else",
    async run(world) {
      const written = world.contents(5);
      const writer = await world.writer([world.remote]);
      await writer.appendAll(written);
      await writer.publish();
      await world.readsAll([world.remote], writer.logId, written);
      const counted = lyingRemote(world.remote);
      const reader = await world.reader([counted], writer.logId);
      isWhole(await collect(reader.from(0)), written);
      const before = counted.history.calls.length;
      equal((await reader.sync()).advanced, false, "whether there was news");
      const calls = counted.history.calls.slice(before).map(({ operation }) => operation);
      equal(calls.join(), "resolve", "what was asked");
      check((await collect(reader.from(written.length))).entries.length === 0, "old entries came again");
    },
  },
  {
    id: "LOG-CATCHUP-04",
    title: "a reader that follows gets new entries as they are published, until it is told to stop",
    requires: ["reopen"],
    async run(world) {
      const [written, reason, store] = [world.contents(6), new Error("seen enough"), memoryReaderStore()];
      const writer = await world.writer([world.remote]);
      const reader = await world.reader([await world.another()], writer.logId, {
        store,
        pollMilliseconds: 20,
      });
      const controller = new AbortController();
      let delivered = 0;
      await rejectsAs(
        (async () => {
          await writer.appendAll(written.slice(0, 2));
          await writer.publish();
          for await (const entry of reader.follow({ cursor: "screen", signal: controller.signal })) {
            areFrom([entry], written, delivered++);
            if (delivered === written.length) controller.abort(reason);
            if (delivered < writer.size || writer.size === written.length) continue;
            await writer.appendAll(written.slice(writer.size, writer.size + 2));
            await writer.publish();
          }
        })(),
        reason,
        "following",
      );
      equal(delivered, written.length, "number of entries delivered");
    },
  },
];
