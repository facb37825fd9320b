// Makes inputs, decodes them, and counts what came of them.

import { getHeapStatistics } from "node:v8";
import { clock } from "./clock.ts";
import type { FailureFile } from "./corpus.ts";
import { BrokenPromise, type Decoder, hexOf } from "./decoder.ts";
import { Random } from "./random.ts";

/** What inputs of a decoder may cost. */
export interface Bounds {
  /** The longest that one input may take, in milliseconds. */
  readonly milliseconds: number;
  /** What measures that. Default: {@link clock}. */
  readonly now?: () => number;
  /** The most memory for one input: a number of bytes, and more for each of its own. */
  readonly bytes: number;
  readonly bytesPerByte: number;
}

/** The bounds of the command. They include what the checks cost. */
export const usualBounds: Bounds = { milliseconds: 250, bytes: 2 ** 21, bytesPerByte: 64 };

/** Memory is measured at one input of several. */
const MEASURED = 8;

/** What came of the inputs of one decoder. */
export interface Tally {
  readonly decoder: string;
  inputs: number;
  accepted: number;
  /** How many were refused, by code. */
  readonly refused: Record<string, number>;
  /** The slowest, in milliseconds, and which it was. */
  slowest: { milliseconds: number; index: number; bytes: number };
  /** The most that memory grew for one input, in bytes. */
  growth: number;
  readonly failures: FailureFile[];
}

/** What of a run decides which inputs are made. */
export interface Part {
  readonly seed: number;
  /** The first index, the one after the last, and the step between. */
  readonly first: number;
  readonly end: number;
  readonly step: number;
}

/** Makes an input: the same one for the same seed and index. */
export function makeInput(
  decoder: Decoder,
  seeds: readonly Uint8Array[],
  seed: number,
  index: number,
): { readonly input: Uint8Array; readonly origin: number } {
  const random = new Random(seed, decoder.name, index);
  const origin = random.below(seeds.length);
  return { input: decoder.mutate(seeds[origin]!, random.pick(seeds), random), origin };
}

/** Decodes one input. Returns the code of the refusal, or `undefined` if it was accepted. */
export async function decodeInput(
  { check, refusals }: Decoder,
  input: Uint8Array,
  origin: number,
): Promise<string | undefined> {
  // A copy: a decoder that changes its input must not change the seed.
  const copy = new Uint8Array(input);
  let code: string | undefined;
  try {
    const checking = check(copy, origin);
    if (checking !== undefined) await checking;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !refusals.includes(String(error.code)))
      throw error;
    code = String(error.code);
  }
  for (let at = 0; at < copy.length; at++) {
    if (copy[at] !== input[at]) throw new BrokenPromise("the decoder changed its input");
  }
  for (const name in Object.prototype) throw new BrokenPromise(`every object has a property ${name} now`);
  return code;
}

/**
 * Runs a part of a decoder's inputs.
 *
 * @param enough - how many failures end it
 * @param begun - called before each input
 */
export async function runInputs(
  decoder: Decoder,
  seeds: readonly Uint8Array[],
  { seed, first, end, step }: Part,
  bounds: Bounds,
  begun: (index: number) => void = () => undefined,
  enough = 3,
): Promise<Tally> {
  const tally: Tally = {
    decoder: decoder.name,
    inputs: 0,
    accepted: 0,
    refused: {},
    slowest: { milliseconds: 0, index: 0, bytes: 0 },
    growth: 0,
    failures: [],
  };
  for (let index = first; index < end && tally.failures.length < enough; index += step) {
    begun(index);
    const { input, origin } = makeInput(decoder, seeds, seed, index);
    tally.inputs++;
    try {
      const measured = index % (MEASURED * step) === first;
      const before = measured ? memory() : 0;
      const started = performance.now();
      const code = await decodeInput(decoder, input, origin);
      const milliseconds = performance.now() - started;
      if (code === undefined) tally.accepted++;
      else tally.refused[code] = (tally.refused[code] ?? 0) + 1;
      if (measured) await measureMemory(tally, decoder, input, origin, memory() - before, bounds);
      if (milliseconds > tally.slowest.milliseconds) {
        await measureTime(tally, decoder, input, { origin, index, milliseconds, bounds });
      }
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      tally.failures.push({ decoder: decoder.name, origin, seed, index, why, hex: hexOf(input) });
    }
  }
  return tally;
}

function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Whatever else the machine does makes an input slow once; a slow decoder is slow each time. */
async function measureTime(
  tally: Tally,
  decoder: Decoder,
  input: Uint8Array,
  measured: {
    readonly origin: number;
    readonly index: number;
    readonly milliseconds: number;
    readonly bounds: Bounds;
  },
): Promise<void> {
  let { milliseconds } = measured;
  const { now = clock } = measured.bounds;
  for (let attempt = 0; attempt < 6 && milliseconds > tally.slowest.milliseconds; attempt++) {
    const started = now();
    await decodeInput(decoder, input, measured.origin);
    milliseconds = Math.min(milliseconds, now() - started);
  }
  if (milliseconds <= tally.slowest.milliseconds) return;
  tally.slowest = { milliseconds, index: measured.index, bytes: input.length };
  if (milliseconds <= measured.bounds.milliseconds) return;
  throw new BrokenPromise(
    `it takes ${Math.round(milliseconds)} ms, and at most ${measured.bounds.milliseconds} are allowed`,
  );
}

/** The heap grows for many reasons once; a decoder that allocates much does so each time. */
async function measureMemory(
  tally: Tally,
  decoder: Decoder,
  input: Uint8Array,
  origin: number,
  first: number,
  { bytes, bytesPerByte }: Bounds,
): Promise<void> {
  let growth = first;
  for (let attempt = 0; attempt < 6 && growth > tally.growth; attempt++) {
    const before = memory();
    await decodeInput(decoder, input, origin);
    growth = Math.min(growth, memory() - before);
  }
  tally.growth = Math.max(tally.growth, growth);
  const most = bytes + bytesPerByte * input.length;
  if (growth <= most) return;
  throw new BrokenPromise(`its memory grows by ${growth} bytes, and at most ${most} are allowed`);
}
