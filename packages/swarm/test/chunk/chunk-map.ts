import type { ReadTreeOptions } from "../../src/chunk/read-tree.ts";
import type { ContentTree } from "../../src/chunk/tree.ts";
import { hex } from "./chunks-of-bee-js.ts";

/** Lengths around every border of the layout: of a segment, a chunk, a chunk of references, a level. */
export const BORDERS: readonly number[] = [
  1,
  31,
  32,
  33,
  40,
  72,
  4095,
  4096,
  4097,
  8192,
  128 * 4096 - 1,
  128 * 4096,
  128 * 4096 + 1,
  129 * 4096,
  256 * 4096 + 1,
];

/** Bytes unlike all others. */
export function randomContent(size: number): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(content.subarray(at, at + 65_536));
  return content;
}

/** A read that waits for its answer. */
interface Waiting {
  readonly address: Uint8Array;
  readonly answer: (data: Promise<Uint8Array>) => void;
}

/** Chunks as a storage that counts what is asked of it. It answers all that was asked together. */
export class ChunkMap {
  /** How many chunks there are, the same one as often as it occurs. */
  readonly total: number;
  /** How many reads there were. */
  reads = 0;
  /** The most reads that were under way at once. */
  mostAtOnce = 0;
  /** How often reads had to wait for the answers to others, the first ones included. */
  rounds = 0;
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #root: Uint8Array;
  #waiting: Waiting[] = [];

  constructor({ root, levels }: ContentTree) {
    const all = levels.flat();
    this.total = all.length;
    this.#root = root.data;
    for (const { address, data } of all) this.put(address, data);
  }

  /** Puts data at an address, whether they belong there or not. */
  put(address: Uint8Array, data: Uint8Array): void {
    this.#chunks.set(hex(address), data);
  }

  /** What readTree needs. */
  get tree(): Pick<ReadTreeOptions, "root" | "read"> {
    return { root: this.#root, read: (address) => this.#read(address) };
  }

  #read(address: Uint8Array): Promise<Uint8Array> {
    this.reads++;
    // All that can be asked meanwhile has been asked when this turn of the event loop ends.
    if (this.#waiting.length === 0) setImmediate(() => this.#answer());
    return new Promise((answer) => {
      this.#waiting.push({ address, answer });
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#waiting.length);
    });
  }

  #answer(): void {
    this.rounds++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { address, answer } of waiting) {
      const data = this.#chunks.get(hex(address));
      answer(data === undefined ? Promise.reject(new Missing(hex(address))) : Promise.resolve(data));
    }
  }
}

/** Nothing is at an address. */
export class Missing extends Error {}
