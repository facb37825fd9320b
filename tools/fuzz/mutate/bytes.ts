// Mutations of bytes, whatever they stand for.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import type { Random } from "../random.ts";

/**
 * Makes an input out of a valid one.
 *
 * @param seed - a valid input
 * @param other - another valid input of the same kind, to take parts from
 */
export type Mutator = (seed: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

/** Bytes at which decoders change their mind. */
const TELLING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x12, 0x20, 0x7f, 0x80, 0xff];

const ways: readonly Mutator[] = [
  // Flips a bit.
  (seed, _other, random) => {
    const copy = seed.slice();
    if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  },
  // Sets a byte.
  (seed, _other, random) => {
    const copy = seed.slice();
    if (copy.length > 0)
      copy[random.below(copy.length)] = random.oneIn(2) ? random.pick(TELLING) : random.below(256);
    return copy;
  },
  // Adds to a byte, or subtracts from it.
  (seed, _other, random) => {
    const copy = seed.slice();
    if (copy.length > 0) copy[random.below(copy.length)]! += random.below(17) - 8;
    return copy;
  },
  // Removes some.
  (seed, _other, random) => {
    const start = random.below(seed.length + 1);
    return concatBytes([seed.subarray(0, start), seed.subarray(start + 1 + random.length(64))]);
  },
  // Inserts some.
  (seed, _other, random) => {
    const start = random.below(seed.length + 1);
    const count = 1 + random.length(16);
    const inserted = random.oneIn(2) ? random.bytes(count) : new Uint8Array(count).fill(random.pick(TELLING));
    return concatBytes([seed.subarray(0, start), inserted, seed.subarray(start)]);
  },
  // Repeats some.
  (seed, _other, random) => {
    const start = random.below(seed.length + 1);
    const part = seed.subarray(start, start + 1 + random.length(128));
    const times = random.oneIn(500) ? random.length(2000) : 1;
    return concatBytes([
      seed.subarray(0, start),
      ...Array.from({ length: times }, () => part),
      seed.subarray(start),
    ]);
  },
  // Exchanges two parts.
  (seed, _other, random) => {
    const [a, b, c, d] = Array.from({ length: 4 }, () => random.below(seed.length + 1)).sort((x, y) => x - y);
    const cut = (from: number | undefined, to?: number): Uint8Array => seed.subarray(from, to);
    return concatBytes([cut(0, a), cut(c, d), cut(b, c), cut(a, b), cut(d)]);
  },
  // Cuts the end off.
  (seed, _other, random) => seed.subarray(0, random.below(seed.length + 1)),
  // Begins as one and continues as another.
  (seed, other, random) => {
    const at = random.below(Math.min(seed.length, other.length) + 1);
    return concatBytes([
      seed.subarray(0, at),
      other.subarray(random.oneIn(2) ? at : random.below(other.length + 1)),
    ]);
  },
  // Has a part of another.
  (seed, other, random) => {
    const at = random.below(seed.length + 1);
    const from = random.below(other.length + 1);
    const part = other.subarray(from, from + 1 + random.length(128));
    return concatBytes([seed.subarray(0, at), part, seed.subarray(at + (random.oneIn(2) ? part.length : 0))]);
  },
];

/** One to four mutations of bytes, one after the other. */
export const mutateBytes: Mutator = (seed, other, random) => {
  let bytes = seed;
  for (let left = 1 + random.length(3); left > 0; left--) bytes = random.pick(ways)(bytes, other, random);
  return bytes;
};

/** Mutates the structure, then seldom the bytes; or the bytes alone; or, now and then, nothing at all. */
export function mostly(structure: Mutator): Mutator {
  return (seed, other, random) => {
    const choice = random.below(16);
    if (choice === 0) return seed;
    if (choice < 4) return mutateBytes(seed, other, random);
    const changed = structure(seed, other, random);
    return choice === 4 ? mutateBytes(changed, other, random) : changed;
  };
}
