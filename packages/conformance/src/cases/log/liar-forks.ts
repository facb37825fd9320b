// LOG-LIAR: a remote that shows another history, signed by the same key.

import { type ForkEvidence, memoryReaderStore } from "@remote-log/core";
import { equal, fail, outcomeOf, rejectsWith } from "../../assert.ts";
import { lies } from "../../liar/index.ts";
import { collect, isRefused, isWhole } from "./delivery.ts";
import { type LiedLog, writeFork, writeLiedLog } from "./lied-log.ts";
import type { LogCase } from "./log-case.ts";
import type { LogWorld } from "./log-world.ts";

/** A remote that shows another history, which the same key signed. */
export const liarForkCases: readonly LogCase[] = [
  {
    id: "LOG-LIAR-21",
    title: "another, longer history signed with the same key is a fork that anyone can check",
    run: (world) => showsFork(world, 12),
  },
  {
    id: "LOG-LIAR-22",
    title: "another history of the same length, signed with the same key, is a fork that anyone can check",
    run: (world) => showsFork(world, 9),
  },
  {
    id: "LOG-LIAR-23",
    title: "another, shorter history signed with the same key is a fork that anyone can check",
    run: (world) => showsFork(world, 4),
  },
  {
    id: "LOG-LIAR-24",
    title: "a log that forked stays frozen, for this reader and for later ones on its store",
    async run(world) {
      const log = await writeLiedLog(world);
      const { liar, logId, written } = log;
      const fork = await writeFork(world, log);
      const store = memoryReaderStore();
      const reader = await world.reader([liar], logId, { store });
      isWhole(await collect(reader.from(0)), written);
      liar.lie = lies.shownName(fork[2]!.content);
      await isFork(world, log, reader.sync(), 12);
      liar.lie = {};
      await rejectsWith(reader.sync(), "ERR_FORK", "a sync after the fork");
      await rejectsWith(reader.entry(0), "ERR_FORK", "an entry after the fork");
      isRefused(await collect(reader.from(0)), [], ["ERR_FORK"], "a stream after the fork");
      await isFork(world, log, world.reader([liar], logId, { store }), 12);
    },
  },
  {
    id: "LOG-LIAR-25",
    title: "two remotes that show different histories are a fork to a reader that has never seen the log",
    async run(world) {
      const log = await writeLiedLog(world);
      const { liar, honest, logId } = log;
      const fork = await writeFork(world, log);
      for (const [place, size] of [4, 9, 12].entries()) {
        liar.lie = lies.shownName(fork[place]!.content);
        const reader = await world.reader([liar, honest], logId);
        await isFork(world, log, reader.sync(), size);
        isRefused(await collect(reader.from(0)), [], ["ERR_FORK"], "two histories");
      }
    },
  },
];

/** A reader that has seen the whole log is shown another history of a size. */
async function showsFork(world: LogWorld, size: 4 | 9 | 12): Promise<void> {
  const log = await writeLiedLog(world);
  const { liar, logId, written } = log;
  const fork = await writeFork(world, log);
  const reader = await world.reader([liar], logId);
  isWhole(await collect(reader.from(0)), written);
  liar.lie = lies.shownName(fork[[4, 9, 12].indexOf(size)]!.content);
  await isFork(world, log, reader.sync(), size);
  isRefused(await collect(reader.from(0)), [], ["ERR_FORK"], "another history");
  equal(reader.size, written.length, "the size that the reader knows");
}

/** Fails unless something rejects with a fork, whose evidence stands by itself. */
async function isFork(
  world: LogWorld,
  { logId }: LiedLog,
  promise: Promise<unknown>,
  size: number,
): Promise<void> {
  const error = await rejectsWith(promise, "ERR_FORK", "another history");
  const { evidence } = error as Error & { evidence?: ForkEvidence };
  if (evidence === undefined) fail("the error of a fork carries no evidence");
  const outcome = await outcomeOf(world.core.verifyForkEvidence(evidence));
  const verdict = outcome.status === "fulfilled" ? outcome.value : undefined;
  if (verdict === undefined) fail("the evidence of the fork proves nothing");
  equal(verdict.logId, logId, "the log that the evidence is about");
  equal(verdict.smaller, Math.min(size, 9), "the smaller size in the evidence");
  equal(verdict.larger, Math.max(size, 9), "the larger size in the evidence");
}
