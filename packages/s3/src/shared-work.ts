import { withAbort } from "./abort.ts";

/** A piece of work that several wait for. It goes on as long as one of them does. */
export class SharedWork<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  readonly #left: () => void;
  #waiting = 0;

  /** @param left - called when nobody waits any more: the work has ended, or is ended then */
  constructor(work: (signal: AbortSignal) => Promise<T>, left: () => void) {
    this.#left = left;
    this.#result = work(this.#controller.signal);
    // Where all have left, nobody hears how it ended.
    this.#result.catch(() => undefined);
  }

  /** Waits for the result; the signal ends this wait alone. */
  async wait(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    try {
      return await withAbort([signal], () => this.#result);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) {
        this.#left();
        this.#controller.abort();
      }
    }
  }
}
