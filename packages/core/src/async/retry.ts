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

/** Options of {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Ends every wait. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the first failure of a piece ends the waits of the others: they are parts of one whole. Default: true. */
  readonly failsAsOne?: boolean;
  /** Whether a piece is tried again after a timeout. Default: true. */
  readonly repeatsTimeouts?: boolean;
}

/**
 * What pieces of work against one service share: how many retries they have left, and a pause that the service asked for.
 * Successes fill the budget, so that single failures are repeated for ever, and an outage ends the work soon.
 */
export class RetryBudget {
  readonly #signal: AbortSignal | undefined;
  readonly #failsAsOne: boolean;
  readonly #repeatsTimeouts: boolean;
  readonly #over = new AbortController();
  #retries = MOST_RETRIES;
  #pausedUntil = 0;

  constructor({ signal, failsAsOne = true, repeatsTimeouts = true }: RetryBudgetOptions = {}) {
    this.#signal = signal;
    this.#failsAsOne = failsAsOne;
    this.#repeatsTimeouts = repeatsTimeouts;
  }

  /**
   * Does a piece of work; again after failures that may pass, each time after a random wait (full jitter), and not before
   * the service wants it.
   *
   * @param work - is safe to repeat
   * @param options - `most`: how often it is tried in all, 5 by default; `signal`: ends its own waits
   * @throws the last failure, once the tries of this work or the retries of all are used up
   * @throws the first failure that does not pass
   */
  async run<T>(
    work: () => Promise<T>,
    { most = TRIES, signal }: { readonly most?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      await this.#pause(signal);
      try {
        const result = await work();
        this.#retries = Math.min(MOST_RETRIES, this.#retries + PER_SUCCESS);
        return result;
      } catch (error) {
        if (tries >= most || signal?.aborted || !this.#mayRetry(error)) {
          // Nobody waits for a retry of a whole that has failed.
          if (this.#failsAsOne) this.#over.abort(error);
          throw error;
        }
        await this.#wait(
          Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)),
          signal,
          error,
        );
      }
    }
  }

  #mayRetry(error: unknown): boolean {
    if (this.#signal?.aborted || this.#over.signal.aborted || !mayPass(error)) return false;
    const { retryAfterMilliseconds = 0 } = error;
    if (retryAfterMilliseconds > LONGEST_ASKED) return false;
    const isTimeout = hasCode(error, "ERR_TIMEOUT");
    const cost = isTimeout ? TIMEOUT_COST : 1;
    if (this.#retries < cost || (isTimeout && !this.#repeatsTimeouts)) return false;
    this.#retries -= cost;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + retryAfterMilliseconds);
    return true;
  }

  // After a service asked for a pause, all wait, and then begin at random moments within as long a time again at most.
  async #pause(signal: AbortSignal | undefined): Promise<void> {
    const left = this.#pausedUntil - performance.now();
    if (left > 0) await this.#wait(left + Math.random() * Math.min(left, FIRST_WAIT), signal, undefined);
  }

  /** @param failure - what to throw if the whole fails meanwhile */
  async #wait(milliseconds: number, signal: AbortSignal | undefined, failure: unknown): Promise<void> {
    const either = anySignal(this.#signal, signal, this.#over.signal);
    try {
      await delay(milliseconds, either.signal);
    } catch (reason) {
      throw this.#signal?.aborted || signal?.aborted ? reason : (failure ?? reason);
    } finally {
      either.clear();
    }
  }
}
