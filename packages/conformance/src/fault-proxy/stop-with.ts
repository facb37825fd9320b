// Stops proxies by a signal.

/** What stops with a signal: one listener for many proxies, since Node.js takes many listeners for a leak. */
const stoppedBy = new WeakMap<AbortSignal, Set<() => Promise<void>>>();

/** Stops a proxy when a signal fires. */
export function stopWith(signal: AbortSignal, stop: () => Promise<void>): void {
  const stops = stoppedBy.get(signal) ?? new Set();
  stops.add(stop);
  if (stoppedBy.has(signal)) return;
  stoppedBy.set(signal, stops);
  const stopAll = (): void => {
    for (const one of stops) void one();
  };
  signal.addEventListener("abort", stopAll, { once: true });
}
