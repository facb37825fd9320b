// When to publish a remote again: at once, after a wait, or not before somebody asks.

import { type AnySignal, anySignal, delay } from "../async/signals.ts";
import { timeNow } from "../runtime/clock.ts";
import { random } from "../runtime/random.ts";

/** Waits between tries, in milliseconds: doubled each time up to a minute, and a random part of that. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 60_000;

/** The same after a failure that somebody has to do something about: seldom, and for ever. */
const FIRST_BLOCKED_WAIT = 15_000;
const LONGEST_BLOCKED_WAIT = 600_000;

/** The longest wait that a service may ask for, in milliseconds. */
const LONGEST_ASKED = 3_600_000;

/**
 * How an attempt ended.
 *
 * - `"done"`: there is nothing more to do
 * - `"unconfirmed"`: it was published, and does not show yet: try again later, or at once if there is something new
 * - `"failed"`: it may succeed later
 * - `"blocked"`: it will not succeed until somebody changes something there (credentials, room): it is tried again seldom, and
 *   at once if there is something new
 * - `"final"`: it will not succeed until somebody changes something
 */
type Outcome = "done" | "unconfirmed" | "failed" | "blocked" | "final";

/** An attempt that has ended. */
export interface Attempt {
  readonly outcome: Outcome;
  /** Whether it came further than those before it, although it failed: then the waits begin anew. */
  readonly progressed?: boolean;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMilliseconds?: number | undefined;
}

/**
 * Repeats an attempt by itself: once for everything that was added since the last time, again after a failure that may pass
 * and if the result does not show yet, and not at all after a final failure, until {@link RetryLoop.resume}.
 */
export class RetryLoop {
  readonly #attempt: (signal: AbortSignal) => Promise<Attempt>;
  readonly #signal: AbortSignal;
  readonly #onWait: (until: number | undefined) => void;
  #running: Promise<void> | undefined;
  #again = false;
  // Ends a wait that new entries need not sit out.
  #hurry: AnySignal | undefined;
  // Ends the wait after a failure that may pass, which new entries sit out.
  #failed: AnySignal | undefined;
  #stopped = false;

  /**
   * @param attempt - does the work once; never rejects
   * @param signal - ends the loop
   * @param onWait - called with the time of the next attempt, in milliseconds since 1970, and with `undefined` when it begins
   */
  constructor(
    attempt: (signal: AbortSignal) => Promise<Attempt>,
    signal: AbortSignal,
    onWait: (until: number | undefined) => void = () => undefined,
  ) {
    this.#attempt = attempt;
    this.#signal = signal;
    this.#onWait = onWait;
  }

  /** Says that there is something to do. What comes while an attempt is running is done with the next. */
  wake(): void {
    this.#again = true;
    this.#hurry?.abort();
    if (!this.#stopped) this.#running ??= this.#run();
  }

  /** Ends a wait, if there is one: what failed may succeed now. */
  hurry(): void {
    this.#hurry?.abort();
    this.#failed?.abort();
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
      const { outcome, progressed = false, retryAfterMilliseconds = 0 } = await this.#attempt(this.#signal);
      if (progressed) wait = FIRST_WAIT;
      if (outcome === "done") {
        wait = FIRST_WAIT;
        continue;
      }
      if (outcome === "final") {
        this.#stopped = true;
        break;
      }
      if (outcome === "unconfirmed" && this.#again) continue;
      const isBlocked = outcome === "blocked";
      if (isBlocked) {
        // Many entries, one after the other, must not become as many requests.
        await delay(FIRST_WAIT, this.#signal).catch(() => undefined);
        if (this.#again) continue;
        wait = Math.max(wait, FIRST_BLOCKED_WAIT);
      }
      this.#again = true;
      const hurry = anySignal(this.#signal);
      if (outcome === "failed") this.#failed = hurry;
      else this.#hurry = hurry;
      const asked = Math.min(retryAfterMilliseconds, LONGEST_ASKED);
      const milliseconds = asked + wait * (0.5 + random() / 2);
      this.#onWait(timeNow() + milliseconds);
      await delay(milliseconds, hurry.signal).catch(() => undefined);
      this.#onWait(undefined);
      hurry.clear();
      const longest = isBlocked ? LONGEST_BLOCKED_WAIT : LONGEST_WAIT;
      wait = hurry.signal.aborted ? FIRST_WAIT : Math.min(wait * 2, longest);
    }
    this.#running = undefined;
  }
}
