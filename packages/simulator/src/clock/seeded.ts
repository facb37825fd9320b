// Randomness by a seed. Each purpose has a stream of its own, so that one more draw for one of them changes nothing for the others.

import { createHash } from "node:crypto";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Random numbers by a seed. */
export interface Seeded {
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** Random bytes. */
  readonly bytes: (length: number) => Uint8Array;
  /** A time drawn from an exponential distribution. */
  readonly exponential: (mean: number) => number;
}

/** The stream of a seed for a purpose. */
export function seeded(seed: number, purpose: string): Seeded {
  const generator = xoroshiro128plus(
    createHash("sha256").update(`${seed} ${purpose}`).digest().readInt32LE(0),
  );
  const random = (): number => {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
  return {
    random,
    bytes: (length) => Uint8Array.from({ length }, () => generator.next() & 255),
    exponential: (mean) => -mean * Math.log(1 - random()),
  };
}
