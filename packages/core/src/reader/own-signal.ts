const parts = new WeakMap<AbortSignal, Set<AbortController>>();

/**
 * Runs a piece of work with a signal of its own, which fires when the given one does, with the same reason.
 *
 * However many pieces run side by side, the given signal has one listener: runtimes warn of a leak where many
 * listen to one signal, as the reads of a stream would.
 */
export async function withOwnSignal<T>(
  signal: AbortSignal | undefined,
  work: (own: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work(undefined);
  signal.throwIfAborted();
  const running = parts.get(signal) ?? listen(signal);
  const part = new AbortController();
  running.add(part);
  try {
    return await work(part.signal);
  } finally {
    running.delete(part);
  }
}

function listen(signal: AbortSignal): Set<AbortController> {
  const running = new Set<AbortController>();
  parts.set(signal, running);
  const abort = (): void => {
    for (const part of running) part.abort(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  return running;
}
