// Collects a body that comes in pieces, whatever pieces its sender makes of it.

/** A piece of at least this many bytes is kept as it is; smaller ones are copied into blocks. */
const LARGE_PIECE = 16 * 1024;

/** The first block, and the largest one, in bytes. */
const FIRST_BLOCK = 1024;
const LARGEST_BLOCK = 64 * 1024;

/**
 * Collects bytes. A sender may cut a body into pieces of one byte each, and a piece may be a view of a large buffer: kept one
 * by one, these would need a hundred times the memory of their bytes. So small pieces are copied into blocks.
 */
export class ByteCollector {
  readonly #expected: number;
  readonly #parts: Uint8Array[] = [];
  #block = new Uint8Array(0);
  /** How much of the block is used. */
  #used = 0;
  #length = 0;

  /** @param expected - how many bytes there are, if that is known; any number may come. At most a block of them is made room for */
  constructor(expected: number = FIRST_BLOCK) {
    this.#expected = Math.max(1, expected);
  }

  /** How many bytes were added. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece. A large one is not copied: its sender must not change it any more. */
  add(piece: Uint8Array): void {
    this.#length += piece.length;
    if (piece.length >= LARGE_PIECE && piece.buffer.byteLength <= 2 * piece.length) {
      this.#closeBlock();
      this.#parts.push(piece);
      return;
    }
    for (let at = 0; at < piece.length; ) {
      if (this.#used === this.#block.length) this.#nextBlock();
      const part = piece.subarray(at, at + this.#block.length - this.#used);
      this.#block.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
    }
  }

  /** All bytes, in memory of their own. Nothing can be added afterwards. */
  bytes(): Uint8Array {
    if (this.#used === this.#length && this.#used === this.#block.length) return this.#block;
    this.#closeBlock();
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #nextBlock(): void {
    const isFirst = this.#parts.length + this.#block.length === 0;
    const least = isFirst ? this.#expected : FIRST_BLOCK;
    const size = Math.min(LARGEST_BLOCK, Math.max(least, 2 * this.#block.length));
    this.#closeBlock();
    this.#block = new Uint8Array(size);
  }

  #closeBlock(): void {
    if (this.#used > 0) this.#parts.push(this.#block.subarray(0, this.#used));
    this.#block = new Uint8Array(0);
    this.#used = 0;
  }
}
