/** Those who wait for one signal, and the one listener that they share. */
interface Waiting {
  readonly callbacks: Set<(reason: unknown) => void>;
  readonly listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

// One listener a signal, however many requests it ends: runtimes warn of a leak where many listen to one.
function onAbort(signal: AbortSignal, callback: (reason: unknown) => void): () => void {
  let waiting = waitingFor.get(signal);
  if (waiting === undefined) {
    const callbacks = new Set<(reason: unknown) => void>();
    const listener = (): void => {
      for (const called of [...callbacks]) called(signal.reason);
    };
    waiting = { callbacks, listener };
    waitingFor.set(signal, waiting);
    signal.addEventListener("abort", listener, { once: true });
  }
  const { callbacks, listener } = waiting;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || waitingFor.get(signal)?.callbacks !== callbacks) return;
    signal.removeEventListener("abort", listener);
    waitingFor.delete(signal);
  };
}

/**
 * Does a piece of work that any of some signals ends: it then rejects at once with that signal's own reason, whatever
 * the work makes of the signal that it is given.
 */
export async function withAbort<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = signals.filter((signal) => signal !== undefined);
  for (const signal of given) signal.throwIfAborted();
  const controller = new AbortController();
  let stops: (() => void)[] = [];
  const aborted = new Promise<never>((_, reject) => {
    stops = given.map((signal) =>
      onAbort(signal, (reason) => {
        reject(reason);
        controller.abort(reason);
      }),
    );
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } catch (error) {
    // What the work made of the abort is not what the caller said.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const stop of stops) stop();
  }
}

/** Waits some milliseconds, or until the signal fires. */
export async function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await withAbort([signal], () => new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))));
  } finally {
    clearTimeout(timer);
  }
}
