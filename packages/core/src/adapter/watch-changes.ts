// A watch out of subscriptions: it misses no change, however the connection behind it comes and goes.

import { delay, raceSignal, throwIfAborted } from "../async/signals.ts";
import { isRemoteLogError } from "../errors/index.ts";
import { timeNow } from "../runtime/clock.ts";
import { random } from "../runtime/random.ts";
import type { Call } from "./call.ts";
import type { ChangeListener, Unsubscribe, Watch } from "./name-driver.ts";

/** Waits before a lost subscription is taken up again, in milliseconds: doubled each time. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

/** Options of {@link watchChanges}. */
interface WatchOptions {
  /** Begins a subscription; resolves when every later change will be told. */
  readonly subscribe: (listener: ChangeListener, signal: AbortSignal) => Promise<Unsubscribe>;
  /** What a failure means: one that may pass is waited for, any other ends the watch. */
  readonly translate: (error: unknown) => unknown;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Makes the `watch` of a driver out of subscriptions. The shell subscribes before it first yields, and again after a
 * subscription was lost. A resolver without `watch` does not carry the code for it.
 *
 * @param subscribe - begins to tell of changes of a name; resolves with how to end it, as soon as every later change will
 * be told
 *
 * @example
 * ```ts
 * import { watchBySubscribing } from "@remote-log/core/adapter";
 *
 * const bus = new EventTarget(); // In the place of a service.
 * const watch = watchBySubscribing(async (name, listener) => {
 *   bus.addEventListener(name, listener.changed);
 *   return () => bus.removeEventListener(name, listener.changed);
 * });
 * ```
 */
export function watchBySubscribing(
  subscribe: (name: string, listener: ChangeListener, call: Call) => Promise<Unsubscribe>,
): Watch {
  return (name, { signal, context }, translate) =>
    watchChanges({
      subscribe: (listener, inner) => subscribe(name, listener, { signal: inner, context }),
      translate,
      signal,
    });
}

/**
 * Yields when something may have changed.
 *
 * It also yields once when a subscription begins, the first one and each later one: nobody heard of changes between the
 * caller's last look and this moment. Changes while the caller is busy become one.
 *
 * @throws the reason of the signal
 * @throws a failure to subscribe that will not pass
 */
async function* watchChanges({
  subscribe,
  translate,
  signal,
}: WatchOptions): AsyncGenerator<void, void, undefined> {
  for (let wait = FIRST_WAIT; ; ) {
    const news = new News();
    const begun = timeNow();
    let unsubscribe: Unsubscribe | undefined;
    let isLeft = false;
    try {
      // A subscription that begins only after the caller has left, or after it was lost, is ended, too.
      const subscribing = subscribe(news, signal).then((end) => {
        if (isLeft) void leave(end);
        else unsubscribe = end;
      });
      await raceSignal(Promise.race([subscribing, news.loss]), signal);
      yield;
      while (await raceSignal(news.next(), signal)) yield;
    } catch (error) {
      throwIfAborted(signal);
      const failure = isRemoteLogError(error) ? error : translate(error);
      if (!isRemoteLogError(failure) || failure.retry === "never") throw failure;
    } finally {
      isLeft = true;
      // A service that was lost is not waited for; when its caller leaves, the shell waits for a little while.
      const leaving = unsubscribe === undefined ? undefined : leave(unsubscribe);
      if (!news.isLost) await leaving;
    }
    // One that is lost as soon as it is there has to be waited for longer and longer, too.
    if (unsubscribe !== undefined && timeNow() - begun > wait) wait = FIRST_WAIT;
    await delay(wait * (0.5 + random() / 2), signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** Ending a subscription that ended by itself may fail: that changes nothing. */
async function leave(unsubscribe: Unsubscribe): Promise<void> {
  try {
    await unsubscribe();
  } catch {}
}

/** Changes that were not looked at yet, as one, and whether more can come. */
class News implements ChangeListener {
  #isChanged = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** Rejects when the subscription is lost, also while it is being begun. */
  readonly loss: Promise<never> = new Promise((_, reject) => {
    this.#reject = reject;
  });

  constructor() {
    // Once the subscription is there, nobody waits for this.
    this.loss.catch(() => undefined);
  }

  get isLost(): boolean {
    return this.#failure !== undefined;
  }

  // Functions rather than methods: drivers hand them over as they are.
  readonly changed = (): void => {
    this.#isChanged = true;
    this.#wake?.();
  };

  readonly lost = (error: unknown): void => {
    this.#failure ??= { error };
    this.#reject(error);
    this.#wake?.();
  };

  /** Resolves with `true` after a change. Rejects when the subscription is lost. */
  async next(): Promise<boolean> {
    while (!this.#isChanged && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#isChanged = false;
    return true;
  }
}
