// Puts messages together again that a stream has cut anywhere.

/** Makes whole messages of the pieces in which they come. */
export class MessageSplitter {
  readonly #lengthOf: ((bytes: Uint8Array) => number) | undefined;
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** How long the first message is. 0 as long as that can't be told. */
  #length = 0;

  /** @param lengthOf - tells the length of the first message, or 0; without it every piece is a message */
  constructor(lengthOf?: (bytes: Uint8Array) => number) {
    this.#lengthOf = lengthOf;
  }

  /**
   * Takes a piece and gives the messages that are whole with it.
   *
   * @throws TypeError if the length of a message is no length
   */
  *take(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
    if (this.#lengthOf === undefined) {
      yield piece;
      return;
    }
    this.#pieces.push(piece);
    this.#size += piece.length;
    for (;;) {
      if (this.#length === 0) {
        if (this.#size === 0) return;
        this.#length = this.#lengthOf(this.#joined());
        const isLength = Number.isSafeInteger(this.#length) && this.#length >= 0;
        if (!isLength) throw new TypeError(`messageLength gave ${this.#length}, not a number of bytes.`);
      }
      if (this.#length === 0 || this.#size < this.#length) return;
      const all = this.#joined();
      const message = all.subarray(0, this.#length);
      this.#pieces = [all.subarray(this.#length)];
      this.#size -= this.#length;
      this.#length = 0;
      yield message;
    }
  }

  /** What has come of a message that is not whole, for a stream that ends. */
  rest(): Uint8Array {
    return this.#joined();
  }

  #joined(): Uint8Array {
    if (this.#pieces.length === 1) return this.#pieces[0]!;
    const joined = new Uint8Array(this.#size);
    let end = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, end);
      end += piece.length;
    }
    this.#pieces = [joined];
    return joined;
  }
}
