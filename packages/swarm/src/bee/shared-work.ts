import { abortable } from "@remote-log/core/adapter";

interface Running {
  readonly promise: Promise<void>;
  readonly ending: AbortController;
  waiting: number;
}

/** Work that several callers need at once: begun by the first of them, and ended early when the last has left. */
export class SharedWork {
  #running: Running | undefined;

  /**
   * Joins the work, or begins it.
   *
   * @param signal - this caller's own: it leaves when it fires
   * @param work - done once for all of them
   * @throws the reason of the signal
   * @throws what the work throws
   */
  async run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    signal.throwIfAborted();
    this.#running ??= this.#begin(work);
    const running = this.#running;
    running.waiting++;
    try {
      await abortable(running.promise, signal);
    } finally {
      if (--running.waiting === 0) {
        if (this.#running === running) this.#running = undefined;
        running.ending.abort();
      }
    }
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): Running {
    const ending = new AbortController();
    const promise = work(ending.signal).finally(() => {
      if (this.#running?.ending === ending) this.#running = undefined;
    });
    // Those who left do not hear of it.
    promise.catch(() => undefined);
    return { promise, ending, waiting: 0 };
  }
}
