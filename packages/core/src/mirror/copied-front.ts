// How far a copy has come without a gap, while its parts end in any order.

/** A page, or a node with all that it holds, that is being copied. */
interface Part {
  /** The sequence number after its last entry. */
  readonly to: number;
  isDone: boolean;
}

/**
 * The front of a copy that begins with the oldest entries: all before it is done, with the nodes that hold it. Parts begin in the
 * order of their ends; a node begins after what it holds.
 */
export class CopiedFront {
  readonly #parts: Part[] = [];
  #entries = 0;

  /** Number of the oldest entries that are done, with all nodes that hold nothing else. */
  get entries(): number {
    return this.#entries;
  }

  /**
   * Notes that a part begins.
   *
   * @param to - the sequence number after its last entry
   * @returns is called once the part is done
   */
  begin(to: number): () => void {
    const part: Part = { to, isDone: false };
    this.#parts.push(part);
    this.#move();
    return () => {
      part.isDone = true;
      this.#move();
    };
  }

  // The last part stays: a node that ends with it may still begin.
  #move(): void {
    for (;;) {
      const [first, second] = this.#parts;
      if (first?.isDone !== true || second === undefined) return;
      if (second.to > first.to) this.#entries = first.to;
      this.#parts.shift();
    }
  }
}
