// The seed of what cases draw by chance, so that a failure can be repeated.

import { check } from "./assert.ts";

/** The variable of the environment that the bindings and the command take a seed from. */
const VARIABLE = "CONFORMANCE_SEED";

/** A new seed, for when nobody gives one. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

/**
 * Reads a seed from a text.
 *
 * @param where - where it was given, for the error
 * @throws ConformanceFailure if it is no whole number from 0 to 2³² − 1
 */
export function parseSeed(text: string, where: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  check(
    seed <= 0xff_ff_ff_ff,
    `${where} is ${JSON.stringify(text)}, not a whole number from 0 to 4294967295.`,
  );
  return seed;
}

/**
 * The seed in `CONFORMANCE_SEED`, or nothing if that is not set or if there is no environment, as in browsers.
 *
 * @throws ConformanceFailure if it is no whole number from 0 to 2³² − 1
 */
export function seedFromEnvironment(): number | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const text = process?.env?.[VARIABLE];
  return text === undefined || text === "" ? undefined : parseSeed(text, VARIABLE);
}

/** Says how to draw the same again. */
export function replayAdvice(seed: number): string {
  return `To see it again: ${VARIABLE}=${seed}.`;
}

/**
 * Whether a case draws by chance, from its id: sequences of operations, what is changed in a log, bits of addresses, and
 * how many contents a long list has.
 */
export function drawsByChance(id: string): boolean {
  return /-MODEL-|^LOG-|^CAS-(GET-07|HAS-03|DELETE-06|LIST-04|LIST-05)$/.test(id);
}
