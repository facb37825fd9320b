import { generateSeed } from "../../src/index.ts";

/** Whether every case is to be tried, not a sample. It takes some 25 minutes: allow a test an hour. */
export const exhaustive: boolean = process.env["EXHAUSTIVE"] === "1";

/** A source of numbers that follow from a seed, which is in every message of a failure. */
export class Sampler {
  /** The seed: of the environment variable `SEED`, or a new one. */
  readonly seed: number;
  #state: number;

  constructor(
    seed: number = Number(process.env["SEED"] ?? new DataView(generateSeed().buffer).getUint32(0)),
  ) {
    this.seed = seed;
    this.#state = seed;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    // Mulberry32: short, and good enough to pick cases.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** So many of the items; all of them where {@link exhaustive}. */
  sample<T>(items: readonly T[], count: number): T[] {
    if (exhaustive || items.length <= count) return [...items];
    return Array.from({ length: count }, () => items[this.below(items.length)]!);
  }
}

/** A copy with one byte changed. */
export function flipped(bytes: Uint8Array, offset: number, mask = 0x01): Uint8Array {
  const copy = bytes.slice();
  copy[offset] = copy[offset]! ^ mask;
  return copy;
}

/** Ways in which an object as a whole can be wrong. */
export const replacements: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
  ["empty", () => new Uint8Array(0)],
  ["cut short by a byte", (bytes) => bytes.slice(0, -1)],
  ["cut in half", (bytes) => bytes.slice(0, bytes.length >> 1)],
  ["one byte longer", (bytes) => new Uint8Array([...bytes, 0])],
  ["twice as long", (bytes) => new Uint8Array([...bytes, ...bytes])],
  ["all zeros", (bytes) => new Uint8Array(bytes.length)],
];
