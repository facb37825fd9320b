// Where the blocks of a CAR file are, by their digests.

import { bytesEqual, randomBytes } from "@remote-log/core/adapter";

/** How many copies of one block are kept: more would let a file with one block over and over make every look slow. */
const MOST_COPIES = 4;

/** Where a block is in a file. */
export interface BlockPlace {
  readonly offset: number;
  readonly length: number;
}

/**
 * A table of digests of one length, with where their blocks are: some 60 bytes for each, and none of it an object of its own. Which
 * slot a digest gets is a secret of the table, so nobody can make a file whose digests all want the same.
 */
export class BlockIndex {
  readonly #digestBytes: number;
  readonly #factors: Uint32Array;
  #digests: Uint8Array;
  #offsets = new Float64Array(64);
  #lengths = new Float64Array(64);
  // The number of a block plus 1, or 0.
  #slots = new Int32Array(128);
  #size = 0;

  /** @param digestBytes - a multiple of 4 */
  constructor(digestBytes: number) {
    this.#digestBytes = digestBytes;
    this.#digests = new Uint8Array(64 * digestBytes);
    const factors = randomBytes(digestBytes, "car.open");
    this.#factors = new Uint32Array(factors.buffer, factors.byteOffset, digestBytes / 4);
  }

  /** How many blocks it has. */
  get size(): number {
    return this.#size;
  }

  /** Adds a block. Further copies of a block that it has often enough are passed over. */
  add(digest: Uint8Array, { offset, length }: BlockPlace): void {
    if (this.#size === this.#offsets.length) this.#grow();
    let copies = 0;
    let slot = this.#slot(digest);
    for (; this.#slots[slot] !== 0; slot = (slot + 1) % this.#slots.length)
      if (this.#has(this.#slots[slot]! - 1, digest) && ++copies === MOST_COPIES) return;
    this.#digests.set(digest, this.#size * this.#digestBytes);
    this.#offsets[this.#size] = offset;
    this.#lengths[this.#size] = length;
    this.#slots[slot] = ++this.#size;
  }

  /** Where the copies of a block are, in the order in which they were added. */
  find(digest: Uint8Array): BlockPlace[] {
    const found: BlockPlace[] = [];
    for (let slot = this.#slot(digest); this.#slots[slot] !== 0; slot = (slot + 1) % this.#slots.length) {
      const block = this.#slots[slot]! - 1;
      if (this.#has(block, digest))
        found.push({ offset: this.#offsets[block]!, length: this.#lengths[block]! });
    }
    return found;
  }

  /** The digests of all blocks; of those that it has more than once, once for each copy. */
  *digests(): Generator<Uint8Array, void, undefined> {
    for (let block = 0; block < this.#size; block++) yield this.#digest(block).slice();
  }

  #digest(block: number): Uint8Array {
    return this.#digests.subarray(block * this.#digestBytes, (block + 1) * this.#digestBytes);
  }

  #has(block: number, digest: Uint8Array): boolean {
    return bytesEqual(this.#digest(block), digest);
  }

  // Multilinear hashing: each word of the digest times a secret odd number.
  #slot(digest: Uint8Array): number {
    let hash = 0;
    for (let i = 0; i < this.#factors.length; i++) {
      const at = 4 * i;
      const word = digest[at]! | (digest[at + 1]! << 8) | (digest[at + 2]! << 16) | (digest[at + 3]! << 24);
      hash = (hash + Math.imul(word ^ (word >>> 15), this.#factors[i]! | 1)) | 0;
    }
    return ((hash ^ (hash >>> 16)) >>> 0) % this.#slots.length;
  }

  #grow(): void {
    const [digests, offsets, lengths] = [this.#digests, this.#offsets, this.#lengths];
    this.#digests = new Uint8Array(digests.length * 2);
    this.#offsets = new Float64Array(offsets.length * 2);
    this.#lengths = new Float64Array(lengths.length * 2);
    this.#digests.set(digests);
    this.#offsets.set(offsets);
    this.#lengths.set(lengths);
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let block = 0; block < this.#size; block++) {
      let slot = this.#slot(this.#digest(block));
      while (this.#slots[slot] !== 0) slot = (slot + 1) % this.#slots.length;
      this.#slots[slot] = block + 1;
    }
  }
}
