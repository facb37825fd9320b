// LOG-CRASH: writers that die before or after any call of a publish.

import { DeniedError, UnreachableError } from "@remote-log/core";
import { check, equal, outcomeOf } from "../../assert.ts";
import { type Lie, lies, lyingRemote } from "../../liar/index.ts";
import type { LogCase } from "./log-case.ts";
import { copyOf, type LogWorld, newJournal } from "./log-world.ts";

/** The most calls that a publish of these cases makes. */
const MOST_CALLS = 40;

/** A writer that dies, or loses an answer, at every single call of a publish. */
export const crashCases: readonly LogCase[] = [
  {
    id: "LOG-CRASH-01",
    title: "a writer that dies before any call of a publish loses no acknowledged entry, and doubles none",
    requires: ["reopen"],
    run: (world) => atEveryCall((at) => dies(world, at, "before")),
  },
  {
    id: "LOG-CRASH-02",
    title: "a writer that dies after any call of a publish loses no acknowledged entry, and doubles none",
    requires: ["reopen"],
    run: (world) => atEveryCall((at) => dies(world, at, "after")),
  },
  {
    id: "LOG-CRASH-03",
    title: "any call of a publish may be carried out and fail all the same: every entry is there once",
    run: (world) => atEveryCall((at) => failsEitherWay(world, at, "after")),
  },
  {
    id: "LOG-CRASH-04",
    title: "any call of a publish may fail without being carried out: every entry is there once",
    run: (world) => atEveryCall((at) => failsEitherWay(world, at, "before")),
  },
];

/** Repeats a scenario with its fault at the first call, the second, and so on, until a publish has no such call. */
async function atEveryCall(scenario: (at: number) => Promise<boolean>): Promise<void> {
  let at = 0;
  while (await scenario(at)) check(++at < MOST_CALLS, "a publish of three entries makes too many calls");
  // A storage that takes several objects at once needs one call less.
  check(at >= 4, `a publish of three entries made ${at} calls only`);
}

/** One log whose writer dies at a call of its second publish; tells whether there was such a call. */
async function dies(world: LogWorld, at: number, when: "before" | "after"): Promise<boolean> {
  const [seed, journal, written] = [world.seed(), newJournal(), world.contents(6)];
  const liar = lyingRemote(world.remote);
  const first = await world.writer([liar], { seed, journal });
  await first.appendAll(written.slice(0, 2));
  await first.publish();
  await first.appendAll(written.slice(2, 5));
  const death = deathAt(at, when);
  liar.lie = death.lie;
  const published = outcomeOf(first.publish());
  const died = await Promise.race([death.came.then(() => true), published.then(() => false)]);
  const left = await copyOf(journal);
  await first.close();

  const other = await world.another();
  const second = await world.writer([other], { seed, journal: left });
  equal(second.size, 5, "number of entries in the journal");
  await second.append(written[5]!);
  await world.settled(() => second.publish());
  await second.close();
  await world.readsAll([world.remote], first.logId, written);
  return died;
}

/** From one call on nothing comes back any more, and nothing more is sent, as when the power is gone. */
function deathAt(at: number, when: "before" | "after"): { lie: Lie; came: Promise<void> } {
  let calls = 0;
  let dead = false;
  let die = (): void => undefined;
  const came = new Promise<void>((resolve) => {
    die = () => {
      dead = true;
      resolve();
    };
  });
  const lie = lies.everyCall(async ({ options: { signal } }, honest) => {
    const mine = calls++ === at;
    if (mine && when === "before") die();
    if (dead) return never(signal);
    try {
      return await honest();
    } finally {
      if (mine) die();
      // oxlint-disable-next-line no-unsafe-finally -- whatever came, it comes back no more
      if (dead) await never(signal);
    }
  });
  return { lie, came };
}

/** Ends with the signal alone, so that nothing is left behind when the dead writer is put away. */
function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal?.reason);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}

/** A failure that a publish gets over by itself, and one that ends it: the next one has to make up for it. */
async function failsEitherWay(world: LogWorld, at: number, when: "before" | "after"): Promise<boolean> {
  const options = { operation: "remote.reach" };
  const passing = await fails(
    world,
    at,
    when,
    () => new UnreachableError("The connection was cut.", options),
  );
  const lasting = await fails(world, at, when, () => new DeniedError("The key has expired.", options));
  return passing || lasting;
}

/** One log of which a call of the second publish fails once; tells whether there was such a call. */
async function fails(
  world: LogWorld,
  at: number,
  when: "before" | "after",
  failure: () => Error,
): Promise<boolean> {
  const written = world.contents(6);
  const liar = lyingRemote(world.remote);
  const writer = await world.writer([liar]);
  await writer.appendAll(written.slice(0, 2));
  await writer.publish();
  await writer.appendAll(written.slice(2, 5));
  let calls = 0;
  liar.lie = lies.everyCall(async (_call, honest) => {
    if (calls++ !== at) return honest();
    if (when === "after") await honest();
    throw failure();
  });
  await outcomeOf(writer.publish());
  const failed = calls > at;
  liar.lie = {};
  await writer.append(written[5]!);
  await world.settled(() => writer.publish());
  await world.readsAll([world.remote], writer.logId, written);
  return failed;
}
