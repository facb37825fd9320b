/**
 * Lets so many requests run at once; the others wait, in the order in which they came. A service has to hold a socket for
 * each, and so has the runtime, and neither has any number of them.
 */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param atOnce - the most requests at once */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /**
   * Sends a request when it is its turn. Whoever gave up meanwhile has no turn: the signal is looked at first.
   *
   * @throws the reason of the signal
   */
  async run<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await request();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
