// When to publish a remote again: at once, after a wait, or not before somebody asks.

import { type AnySignal, anySignal, delay } from "../async/signals.ts";

/** Waits between tries, in milliseconds: doubled each time up to a minute, and a random part of that. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 60_000;

/**
 * How an attempt ended.
 *
 * - `"done"`: there is nothing more to do
 * - `"unconfirmed"`: it was published, and does not show yet: try again later, or at once if there is something new
 * - `"failed"`: it may succeed later
 * - `"final"`: it will not succeed until somebody changes something
 */
export type Attempt = "done" | "unconfirmed" | "failed" | "final";

/**
 * Repeats an attempt by itself: once for everything that was added since the last time, again after a failure that may pass
 * and if the result does not show yet, and not at all after a final failure, until {@link RetryLoop.resume}.
 */
export class RetryLoop {
  readonly #attempt: (signal: AbortSignal) => Promise<Attempt>;
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;
  #again = false;
  // Ends a wait that new entries need not sit out.
  #hurry: AnySignal | undefined;
  #stopped = false;

  /**
   * @param attempt - does the work once; never rejects
   * @param signal - ends the loop
   */
  constructor(attempt: (signal: AbortSignal) => Promise<Attempt>, signal: AbortSignal) {
    this.#attempt = attempt;
    this.#signal = signal;
  }

  /** Says that there is something to do. What comes while an attempt is running is done with the next. */
  wake(): void {
    this.#again = true;
    this.#hurry?.abort();
    if (!this.#stopped) this.#running ??= this.#run();
  }

  /** Lets the loop continue after a final failure. */
  resume(): void {
    this.#stopped = false;
  }

  /** Waits until no attempt is running. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    let wait = FIRST_WAIT;
    while (this.#again && !this.#signal.aborted) {
      this.#again = false;
      const attempt = await this.#attempt(this.#signal);
      if (attempt === "done") {
        wait = FIRST_WAIT;
        continue;
      }
      if (this.#signal.aborted && attempt !== "unconfirmed") break;
      if (attempt === "final") {
        this.#stopped = true;
        break;
      }
      if (attempt === "unconfirmed" && this.#again) continue;
      this.#again = true;
      const hurry = anySignal(this.#signal);
      if (attempt === "unconfirmed") this.#hurry = hurry;
      await delay(wait * (0.5 + Math.random() / 2), hurry.signal).catch(() => undefined);
      hurry.clear();
      this.#hurry = undefined;
      wait = hurry.signal.aborted ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
    }
    this.#running = undefined;
  }
}
