// Draws sequences of operations, compares each answer with a model, and shortens what fails (fast-check).

import * as fc from "fast-check";
import { ConformanceFailure, show } from "../../assert.ts";
import type { CaseContext } from "../../case.ts";
import { replayAdvice } from "../../seed.ts";

/** Most operations in one sequence. */
const LONGEST_SEQUENCE = 30;
/** Sequences that one case tries, and how many if each read may have to wait for the write before it. */
const SEQUENCES = { prompt: 30, settling: 5 };
/** No new sequence begins after this part of the time that the case has, nor after this many milliseconds. */
const SEARCH = { part: 1 / 4, atMostMs: 1_000 };
/** The part of the time that a case has, after which a failing sequence is no longer made shorter. */
const SHORTENING_PART = 1 / 2;

/** One operation on the model and on the adapter. */
export type ModelCommand<Model extends object, Real> = fc.AsyncCommand<Model, Real>;

/** What is compared with what. */
export interface Comparison<Model extends object, Real, Start> {
  /** Which side has to declare that it reads its own writes. */
  readonly side: "storage" | "names";
  /** What a sequence starts with, drawn by chance. */
  readonly start: fc.Arbitrary<Start>;
  /** Says what a sequence started with, for the message of a failure; nothing if that is always the same. */
  readonly describe: (start: Start) => string;
  /** The operations to draw from. */
  readonly commands: readonly fc.Arbitrary<ModelCommand<Model, Real>>[];
  /** Makes the model and takes the adapter for one sequence. */
  readonly setup: (start: Start) => Promise<{ model: Model; real: Real }>;
  /** Compares all of the adapter with the model, after a sequence. */
  readonly finish: (model: Model, real: Real) => Promise<void>;
}

/** Makes an operation; if `applies` says no, it is left out of the sequence. */
export function command<Model extends object, Real>(
  text: string,
  run: (model: Model, real: Real) => Promise<void>,
  applies: (model: Readonly<Model>) => boolean = () => true,
): ModelCommand<Model, Real> {
  return { check: applies, run, toString: () => text };
}

/**
 * Runs sequences of operations, drawn from the seed of the context, on a model and on the adapter, one after the
 * other, and compares them after every operation.
 *
 * @throws ConformanceFailure with the shortest sequence found after which they differ, and with the seed
 */
export async function compareWithModel<Model extends object, Real, Start>(
  context: CaseContext,
  comparison: Comparison<Model, Real, Start>,
): Promise<void> {
  const { side, start, describe, commands, setup, finish } = comparison;
  const { seed, limits } = context;
  const began = performance.now();
  let time = Math.min(SEARCH.atMostMs, SEARCH.part * limits.timeoutMs);
  const sequences = fc.commands([...commands], {
    maxCommands: LONGEST_SEQUENCE,
    size: "max",
    disableReplayLog: true,
  });
  const property = fc.asyncProperty(start, sequences, async (from, sequence) => {
    if (performance.now() - began > time) return;
    const { model, real } = await setup(from);
    try {
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      await finish(model, real);
    } catch (error) {
      time = SHORTENING_PART * limits.timeoutMs;
      throw error;
    }
  });
  const { readYourWrites } = context[side].capabilities;
  const numRuns = readYourWrites ? SEQUENCES.prompt : SEQUENCES.settling;
  const details = await fc.check(property, { seed, numRuns });
  if (!details.failed) return;
  const { counterexample, counterexamplePath, errorInstance } = details;
  const message = errorInstance instanceof Error ? errorInstance.message : show(errorInstance);
  const [from, sequence] = counterexample!;
  throw new ConformanceFailure(
    `${message.replace(/\.?$/, ".")} It happened${describe(from)} after: ${fc.stringify(sequence).replace(/,(?! )/g, ", ") || "nothing"}. ` +
      `${replayAdvice(seed)} (The path of fast-check is ${counterexamplePath}.)`,
    { cause: errorInstance },
  );
}
