// Abort signals: one that follows several, waits that end with one, and what some runtimes' signals lack: a reason (React
// Native), `throwIfAborted`, `any`. This is the one place that uses those.

import { startTimer, stopTimer } from "../runtime/clock.ts";

/** Why signals fired whose runtime does not keep the reason. */
const reasons = new WeakMap<AbortSignal, unknown>();

/** Why a signal fired: its reason, on every runtime. An `AbortError` if none was given, the same at each call. */
export function abortReason(signal: AbortSignal | undefined): unknown {
  if (signal === undefined || signal.reason !== undefined) return signal?.reason;
  if (!reasons.has(signal)) {
    reasons.set(signal, Object.assign(new Error("This operation was aborted"), { name: "AbortError" }));
  }
  return reasons.get(signal);
}

/** Fires a controller's signal, whose reason {@link abortReason} tells. */
export function abortWith(controller: AbortController, reason: unknown): void {
  const { signal } = controller;
  if (!signal.aborted && reason !== undefined) reasons.set(signal, reason);
  controller.abort(reason);
}

/**
 * Ends work whose signal has fired.
 *
 * @throws the signal's reason, unchanged
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal);
}

/** A signal that fires with the first of two, for as long as anybody has it; the first alone on runtimes that can't join them. */
export function joinSignals(first: AbortSignal, second: AbortSignal): AbortSignal {
  const { any } = (globalThis as { AbortSignal?: Partial<typeof AbortSignal> }).AbortSignal ?? {};
  return any === undefined ? first : AbortSignal.any([first, second]);
}

/** Those who wait for one signal, and the one listener that they share. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when a signal fires, at once if it has fired.
 *
 * However many wait for one signal, it has one listener, and none once the last has stopped: runtimes warn of a
 * leak when many listen to one signal, and `AbortSignal.any` keeps a trace of every signal that it made.
 *
 * @returns a function that ends the waiting
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  const { callbacks, listener } = waitingFor.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    signal.removeEventListener("abort", listener);
    if (waitingFor.get(signal)?.callbacks === callbacks) waitingFor.delete(signal);
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of [...callbacks]) callback();
  };
  const waiting = { callbacks, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener("abort", listener, { once: true });
  return waiting;
}

/** A signal that fires with the first of others, or when it is told to. Made by {@link anySignal}. */
export class AnySignal {
  readonly #controller = new AbortController();
  readonly #stops: (() => void)[];

  constructor(parents: readonly (AbortSignal | undefined)[]) {
    this.#stops = parents.map((parent) =>
      onAbort(parent, () => abortWith(this.#controller, abortReason(parent))),
    );
  }

  /** The signal. It fires with the reason of the first that fired. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Fires the signal. */
  abort(reason?: unknown): void {
    this.clear();
    abortWith(this.#controller, reason);
  }

  /** Stops following the others. Call it when the work is done, or listeners stay on them. */
  clear(): void {
    for (const stop of this.#stops) stop();
  }
}

/**
 * Makes a signal that follows others.
 *
 * @param parents - the signals to follow; `undefined` stands for none
 */
export function anySignal(...parents: readonly (AbortSignal | undefined)[]): AnySignal {
  return new AnySignal(parents);
}

/**
 * Does a piece of work with a signal of its own, which follows the given ones as long as the work lasts.
 *
 * @throws the reason of a signal that has fired before the work began
 * @throws what the work throws
 */
export async function withAnySignal<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const any = new AnySignal(signals);
  try {
    throwIfAborted(any.signal);
    return await work(any.signal);
  } finally {
    any.clear();
  }
}

/**
 * Waits for a promise, at most until a signal fires; then rejects with the signal's reason, unchanged.
 * The work behind the promise continues: this is for work that ignores its signal, or that several callers share.
 */
export function raceSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(abortReason(signal)));
    promise.then(resolve, reject).finally(stop);
  });
}

/**
 * Waits.
 *
 * @param milliseconds - how long
 * @param signal - ends the wait early: it rejects with the signal's reason
 */
export function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = (): void => undefined;
    const timer = startTimer(() => {
      stop();
      resolve();
    }, milliseconds);
    stop = onAbort(signal, () => {
      stopTimer(timer);
      reject(abortReason(signal));
    });
  });
}
