// Numbers that follow from a seed, so that every input can be made again.

/** A source of numbers: the generator sfc32, begun from a seed, a label and an index. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /**
   * @param seed - a whole number of 32 bits
   * @param label - sets sources apart that have the same seed
   * @param index - which of the inputs under this label, from 0
   */
  constructor(seed: number, label: string, index = 0) {
    this.#a = seed | 0;
    this.#b = hashOf(label);
    this.#c = index | 0;
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor((this.#next() / 2 ** 32) * end);
  }

  /** `true` once in a number of calls, on average. */
  oneIn(calls: number): boolean {
    return this.below(calls) === 0;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** A length that is mostly small, and seldom up to `most`. */
  length(most: number): number {
    return this.below(Math.min(most, 2 ** this.below(Math.ceil(Math.log2(most)) + 1)) + 1);
  }

  /** So many bytes. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
