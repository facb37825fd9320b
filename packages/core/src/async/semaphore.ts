// A counting semaphore: at most n pieces of work at once, in the order in which they came.

import { abortReason, onAbort, throwIfAborted } from "./signals.ts";

/**
 * Lets at most a number of pieces of work run at once. The others wait, first come, first served; one whose signal fires
 * leaves the queue at once. A service holds a socket for each request, and so does the runtime: neither has endless ones.
 */
export class Semaphore {
  readonly #permits: number;
  readonly #queue = new Set<() => void>();
  #running = 0;

  /** @param permits - the most pieces of work at once */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /**
   * Runs a piece of work when a permit is free.
   *
   * @param signal - takes the work out of the queue; the work itself has to look at it once it runs
   * @throws the reason of the signal, if it fires before the work begins
   * @throws what the work throws
   */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    if (this.#running < this.#permits) this.#running++;
    else await this.#permit(signal);
    try {
      throwIfAborted(signal);
      return await work();
    } finally {
      // Whoever is next takes over this permit.
      const [next] = this.#queue;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #permit(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let stop = (): void => undefined;
      const enter = (): void => {
        this.#queue.delete(enter);
        stop();
        resolve();
      };
      this.#queue.add(enter);
      stop = onAbort(signal, () => {
        this.#queue.delete(enter);
        reject(abortReason(signal));
      });
    });
  }
}
