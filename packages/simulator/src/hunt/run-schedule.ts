// One run: a schedule on the real code and a virtual clock.

import { useEnvironment } from "@remote-log/core/environment";
import { promptSigning } from "../clock/prompt-signing.ts";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { end } from "./ending.ts";
import { drawSchedule, type Schedule } from "./schedule.ts";
import { Violation } from "./violation.ts";
import { World } from "./world.ts";

/** The longest time that a run may take, in virtual milliseconds: a year. */
const LONGEST_RUN = 365 * 86_400_000;

/** What a run came to. */
export interface Run {
  readonly seed: number;
  readonly schedule: Schedule;
  /** The hash of everything that happened. */
  readonly trace: string;
  /** What happened, a line for each. */
  readonly lines: readonly string[];
  /** The promise that was broken. */
  readonly violation?: Violation;
}

/**
 * Runs the schedule of a seed.
 *
 * @param seed - the same one gives the same run, to the byte
 */
export async function runSchedule(seed: number): Promise<Run> {
  const clock = new VirtualClock(seed);
  const schedule = drawSchedule(clock.stream("schedule"));
  const lines: string[] = [];
  const note = (line: string): void => {
    lines.push(`${Math.round(clock.elapsed)} ${line}`);
  };
  const giveBack = useEnvironment({
    now: () => clock.now(),
    monotonicNow: () => clock.monotonicNow(),
    schedule: (run, milliseconds) => clock.schedule(run, milliseconds),
    random: () => clock.random(),
    randomBytes: (length) => clock.randomBytes(length),
    signing: promptSigning,
  });
  let violation: Violation | undefined;
  try {
    const world = new World(schedule, note);
    let isOver = false;
    const playing = play(world, schedule, note).finally(() => {
      isOver = true;
    });
    playing.catch(() => undefined);
    await clock.runUntil(LONGEST_RUN, () => isOver);
    if (!isOver) throw new Violation("never-ends", "Something waits for what never comes.");
    await playing;
    note(world.promises.summary());
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation("hunter-fails", `${error}`, error);
  } finally {
    giveBack();
  }
  for (const line of lines) clock.trace.note(0, line);
  clock.trace.note(clock.elapsed, `${violation?.rule}`);
  return { seed, schedule, trace: clock.trace.digest, lines, ...(violation && { violation }) };
}

async function play(world: World, { steps }: Schedule, note: (line: string) => void): Promise<void> {
  for (const [i, step] of steps.entries()) {
    note(`${i} ${JSON.stringify(step).slice(0, 120)}`);
    const doing = world.begin(step);
    if (!step.inBackground) await doing;
  }
  await end(world);
}
