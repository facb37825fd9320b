import { generateSeed } from "../../src/index.ts";
import { contents, sizesTo, type WrittenLog, writeLog } from "./written-log.ts";

/** A log of 70 entries, with its head at every size, and what a second device with the same key made of it. */
export interface TwoBranches {
  readonly seed: Uint8Array;
  readonly log: WrittenLog;
  /** The same log up to entry 29, written differently from then on. */
  readonly branch: WrittenLog;
  /** The objects of both. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Writes both branches. */
export async function writeTwoBranches(): Promise<TwoBranches> {
  const seed = generateSeed();
  const log = await writeLog(contents(70), { seed, publishAt: sizesTo(70) });
  const branch = await writeLog(contents(70, " elsewhere", 30), { seed, publishAt: sizesTo(70) });
  return { seed, log, branch, objects: new Map([...log.contents, ...branch.contents]) };
}
