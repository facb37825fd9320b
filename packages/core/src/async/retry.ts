// Repeats work that failed in a way that may pass: with waits, within a budget that all of the work shares.

import { hasCode, isRemoteLogError, type RemoteLogError } from "../errors/index.ts";
import { monotonicNow } from "../runtime/clock.ts";
import { random } from "../runtime/random.ts";
import { abortWith, anySignal, delay } from "./signals.ts";

/** How often one piece of work is tried in all. */
const TRIES = 5;

/** What a failure counts that was repeated by whoever reports it: a client of its own tries about as often. */
const TRIES_OF_OTHERS = 3;

/** No try of a piece begins later than this after its first, in milliseconds. */
const LONGEST_IN_ALL = 120_000;

/** The longest first wait, in milliseconds; doubled for each further one, up to {@link LONGEST_WAIT}. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** The longest wait that a service may ask for, in milliseconds. If it asks for more, the work fails. */
const LONGEST_ASKED = 60_000;

/** The most retries that a budget has room for, and what a success adds to it. */
const MOST_RETRIES = 32;
const PER_SUCCESS = 0.25;

/** What a retry after a timeout costs: it has held its place for a minute already. */
export const TIMEOUT_COST = 8;

/** Whether a failure may pass by itself. */
export function mayPass(error: unknown): error is RemoteLogError {
  return isRemoteLogError(error) && error.retry !== "never";
}

/** A retry that is about to be made. */
export interface Retry {
  /** Why the last try failed. */
  readonly error: RemoteLogError;
  /** How often it was tried so far. */
  readonly tries: number;
  /** How long it waits before the next try, in milliseconds. */
  readonly milliseconds: number;
}

/** Options of {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Ends every wait. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the first failure of a piece ends the waits of the others: they are parts of one whole. Default: true. */
  readonly failsAsOne?: boolean | undefined;
  /**
   * Whether work that succeeds in the end gives its retries back: then however large a part of the requests fails, the whole
   * goes through, at the cost of more requests. Default: false.
   */
  readonly refunds?: boolean | undefined;
  /** The most retries that it has room for. Default: 32. */
  readonly retries?: number | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/** Options of {@link RetryBudget.run}. */
export interface RunOptions {
  /** How often the work is tried in all. Default: 5. */
  readonly most?: number | undefined;
  /** Ends the waits of this work. */
  readonly signal?: AbortSignal | undefined;
  /** Whether waiting is of use: asked after each failure, with the error. Default: it is. */
  readonly maySucceed?: ((error: unknown) => boolean) | undefined;
  /** How a try failed that was made already: it counts, and the next one waits for what it asks for. */
  readonly failed?: unknown;
}

/**
 * What pieces of work against one service share: how many retries they have left, and a pause that the service asked for.
 * Successes fill the budget, so that single failures are repeated for ever, and an outage ends the work soon.
 */
export class RetryBudget {
  readonly #signal: AbortSignal | undefined;
  readonly #failsAsOne: boolean;
  readonly #refunds: boolean;
  readonly #room: number;
  readonly #onRetry: ((retry: Retry) => void) | undefined;
  readonly #over = new AbortController();
  #retries: number;
  #pausedUntil = 0;

  constructor(options: RetryBudgetOptions = {}) {
    const { signal, failsAsOne = true, refunds = false, retries = MOST_RETRIES, onRetry } = options;
    this.#signal = signal;
    this.#refunds = refunds;
    this.#room = retries;
    this.#retries = retries;
    this.#onRetry = onRetry;
    this.#failsAsOne = failsAsOne;
  }

  /**
   * Does a piece of work; again after failures that may pass, each time after a random wait (full jitter), and not before
   * the service wants it. A failure with the verdict `"exhausted"` counts as three tries.
   *
   * @param work - is safe to repeat
   * @throws the last failure, which says how often it was tried, once the tries of this work or the retries of all are used up
   * @throws the first failure that does not pass
   */
  async run<T>(
    work: () => Promise<T>,
    { most = TRIES, signal, maySucceed = () => true, failed }: RunOptions = {},
  ): Promise<T> {
    const begun = monotonicNow();
    let used = 0;
    let cost = 0;
    let earlier = failed;
    for (let tries = 1; ; tries++) {
      let error = earlier;
      earlier = undefined;
      if (error === undefined) {
        await this.#pause(signal);
        try {
          const result = await work();
          this.#retries = Math.min(this.#room, this.#retries + PER_SUCCESS + (this.#refunds ? cost : 0));
          return result;
        } catch (reason) {
          error = reason;
        }
      }
      noteTries(error, tries);
      used += isRemoteLogError(error) && error.retry === "exhausted" ? TRIES_OF_OTHERS : 1;
      const inTime = used < most && monotonicNow() - begun < LONGEST_IN_ALL;
      if (!inTime || signal?.aborted || !maySucceed(error) || !this.#mayRetry(error)) {
        // Nobody waits for a retry of a whole that has failed.
        if (this.#failsAsOne) abortWith(this.#over, error);
        throw error;
      }
      cost += costOf(error);
      const milliseconds = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (used - 1));
      const asked = error.retryAfterMilliseconds ?? 0;
      this.#onRetry?.({ error, tries, milliseconds: Math.max(asked, milliseconds) });
      await this.#wait(milliseconds, signal, error);
    }
  }

  #mayRetry(error: unknown): error is RemoteLogError {
    if (this.#signal?.aborted || this.#over.signal.aborted || !mayPass(error)) return false;
    const { retryAfterMilliseconds = 0 } = error;
    if (retryAfterMilliseconds > LONGEST_ASKED) return false;
    const cost = costOf(error);
    if (this.#retries < cost) return false;
    this.#retries -= cost;
    this.#pausedUntil = Math.max(this.#pausedUntil, monotonicNow() + retryAfterMilliseconds);
    return true;
  }

  // After a service asked for a pause, all wait, and then begin at random moments within as long a time again at most.
  async #pause(signal: AbortSignal | undefined): Promise<void> {
    const left = this.#pausedUntil - monotonicNow();
    if (left > 0) await this.#wait(left + random() * Math.min(left, FIRST_WAIT), signal, undefined);
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

function costOf(error: RemoteLogError): number {
  return hasCode(error, "ERR_TIMEOUT") ? TIMEOUT_COST : 1;
}

/** Notes in an error how often the request was made that it ended, if more than once. */
function noteTries(error: unknown, tries: number): void {
  if (tries === 1 || !isRemoteLogError(error) || !Object.isExtensible(error)) return;
  (error as { tries?: number }).tries = tries;
}
