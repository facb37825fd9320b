// Many runs, one after the other.

import { type Run, runSchedule } from "./run-schedule.ts";

/** Options of {@link hunt}. */
interface HuntOptions {
  /** The first seed. */
  readonly seed: number;
  /** How far a seed is from the one before. Default 1. */
  readonly step?: number;
  /** How many seeds are tried. */
  readonly schedules: number;
  /** Called after each run. Whoever returns true ends the hunt. */
  readonly onRun: (run: Run) => boolean;
}

/** Schedules that run before the first that counts. */
const WARMING_RUNS = 20;

/** Runs the schedules of seeds that follow each other. */
export async function hunt({ seed, step = 1, schedules, onRun }: HuntOptions): Promise<void> {
  await warmUp();
  for (let i = 0; i < schedules; i++) if (onRun(await runSchedule(seed + i * step))) return;
}

/** Loads all that is loaded when it is first needed: no clock can tell how long that takes, and so the first runs may differ. */
export async function warmUp(): Promise<void> {
  for (let i = 0; i < WARMING_RUNS; i++) await runSchedule(i);
}
