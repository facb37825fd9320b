// Repeats work that failed in a way that may pass: with waits, within a budget that all of the work shares.

import { hasCode, isRemoteLogError, type RemoteLogError } from "../errors/index.ts";
import { anySignal, delay } from "./signals.ts";

/** How often one piece of work is tried in all. */
const TRIES = 5;

/** The longest first wait, in milliseconds; doubled for each further one, up to {@link LONGEST_WAIT}. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** The longest wait that a service may ask for, in milliseconds. If it asks for more, the work fails. */
const LONGEST_ASKED = 60_000;

/** The most retries that a budget has room for, and what a success adds to it. */
const MOST_RETRIES = 32;
const PER_SUCCESS = 0.25;

/** What a retry after a timeout costs: it has held its place for a minute already. */
const TIMEOUT_COST = 8;

/** Whether a failure may pass by itself. */
export function mayPass(error: unknown): error is RemoteLogError {
  return isRemoteLogError(error) && error.retry !== "never";
}

/**
 * What pieces of work against one service share: how many retries they have left, and a pause that the service asked for.
 * Successes fill the budget, so that single failures are repeated for ever, and an outage ends the work soon.
 */
export class RetryBudget {
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  #retries = MOST_RETRIES;
  #pausedUntil = 0;

  /** @param signal - ends every wait */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Does a piece of work; again after failures that may pass, each time after a random wait (full jitter), and not before
   * the service wants it.
   *
   * @param work - is safe to repeat
   * @throws the last failure, once the tries of this work or the retries of all are used up
   * @throws the first failure that does not pass
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      await this.#pause();
      try {
        const result = await work();
        this.#retries = Math.min(MOST_RETRIES, this.#retries + PER_SUCCESS);
        return result;
      } catch (error) {
        if (!this.#mayRetry(error, tries)) {
          // Nobody waits for a retry of a whole that has failed.
          this.#over.abort(error);
          throw error;
        }
        await this.#wait(Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)), error);
      }
    }
  }

  #mayRetry(error: unknown, tries: number): boolean {
    if (this.#signal.aborted || this.#over.signal.aborted || !mayPass(error) || tries >= TRIES) return false;
    const { retryAfterMilliseconds = 0 } = error;
    if (retryAfterMilliseconds > LONGEST_ASKED) return false;
    const cost = hasCode(error, "ERR_TIMEOUT") ? TIMEOUT_COST : 1;
    if (this.#retries < cost) return false;
    this.#retries -= cost;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + retryAfterMilliseconds);
    return true;
  }

  // After a service asked for a pause, all wait, and then begin at random moments within as long a time again at most.
  async #pause(): Promise<void> {
    const left = this.#pausedUntil - performance.now();
    if (left > 0) await this.#wait(left + Math.random() * Math.min(left, FIRST_WAIT), undefined);
  }

  /** @param failure - what to throw if the whole fails meanwhile */
  async #wait(milliseconds: number, failure: unknown): Promise<void> {
    const either = anySignal(this.#signal, this.#over.signal);
    try {
      await delay(milliseconds, either.signal);
    } catch (reason) {
      throw this.#signal.aborted ? reason : (failure ?? reason);
    } finally {
      either.clear();
    }
  }
}
