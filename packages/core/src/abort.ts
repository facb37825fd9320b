/** Those who wait for one signal, and the one listener that they share. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when a signal fires, at once where it has fired.
 *
 * However many wait for one signal, it has one listener, and none once the last has stopped: runtimes warn of a
 * leak where many listen to one signal, and `AbortSignal.any` keeps a trace of every signal that it made.
 *
 * @returns a function that ends the waiting
 */
function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
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

/** A signal for a piece of work: it fires with the first of others that does, or when it is told to. */
export class LinkedSignal {
  readonly #controller = new AbortController();
  readonly #stops: (() => void)[];

  /** @param parents - the signals that it follows, with their reason */
  constructor(...parents: readonly (AbortSignal | undefined)[]) {
    this.#stops = parents.map((parent) => onAbort(parent, () => this.#controller.abort(parent?.reason)));
  }

  /** The signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Fires the signal. */
  abort(reason?: unknown): void {
    this.unlink();
    this.#controller.abort(reason);
  }

  /** Stops following the others; to be called when the work is done. */
  unlink(): void {
    for (const stop of this.#stops) stop();
  }
}

/** Does a piece of work with a signal of its own, which follows the given ones while the work lasts. */
export async function withSignals<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const linked = new LinkedSignal(...signals);
  try {
    linked.signal.throwIfAborted();
    return await work(linked.signal);
  } finally {
    linked.unlink();
  }
}

/**
 * Waits for a promise no longer than until a signal fires; then rejects with the signal's reason, unchanged.
 * The work behind the promise goes on: for work that several callers share.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason));
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
    const timer = setTimeout(() => {
      stop();
      resolve();
    }, milliseconds);
    stop = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
}
