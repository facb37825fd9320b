// Samples of large sets of cases. `pnpm test` tries a sample; `pnpm test:all` and CI set TEST_WHOLE and try everything.
// The seed is drawn once a run by the configuration of vitest, which prints it; TEST_SEED sets it.

/** Whether everything is to be tried: the variable `TEST_WHOLE` is `1`. */
export const whole: boolean = process.env["TEST_WHOLE"] === "1";

/** The seed of the samples of this run, from the variable `TEST_SEED`. Default: 1. */
export const testSeed: number = Number(process.env["TEST_SEED"] ?? "1") >>> 0;

/** A number of runs: the smaller one in `pnpm test`, the larger one if everything is to be tried. */
export function runs(few: number, all: number): number {
  return whole ? all : few;
}

/**
 * Chooses some of many cases by chance, in their order; all of them if everything is to be tried.
 *
 * @param label - sets samples apart that have the same seed: the name of the test or of its file
 * @param size - how many at least; all if there are not more
 */
export function sample<T>(
  label: string,
  items: readonly T[],
  size: number,
  { seed = testSeed, all = whole }: { readonly seed?: number; readonly all?: boolean } = {},
): readonly T[] {
  if (all || items.length <= size) return items;
  const random = randomFrom(seed, label);
  const left = items.map((_, index) => index);
  const chosen = Array.from({ length: size }, () => left.splice(Math.floor(random() * left.length), 1)[0]!);
  return chosen.sort((a, b) => a - b).map((index) => items[index]!);
}

/** The generator mulberry32, begun from a seed and a text (mixed in by FNV-1a): from 0 to below 1. */
function randomFrom(seed: number, label: string): () => number {
  let state = (seed ^ 0x811c9dc5) >>> 0;
  for (let at = 0; at < label.length; at++) state = Math.imul(state ^ label.charCodeAt(at), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
