/**
 * Lets so many reads of one storage run at once, and no more; the others wait their turn in the order in which
 * they came. Streams, proofs and comparisons that read from the same remote share one.
 */
export class ReadGate {
  readonly #width: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** @param width - the most reads at once */
  constructor(width: number) {
    this.#width = width;
  }

  /** Reads when it is its turn. Rejects with the signal's reason where it fires while the read waits. */
  async run<T>(read: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#running < this.#width) this.#running++;
    else await this.#turn(signal);
    try {
      return await read();
    } finally {
      // Whoever is next takes over the place of this read.
      const [next] = this.#waiting;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal?.reason);
      };
      const enter = (): void => {
        this.#waiting.delete(enter);
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.add(enter);
    });
  }
}
