// The moment at which a device comes back online, in runtimes that tell.

/**
 * Calls a listener each time the runtime says that the device is online again: browsers and their workers do, Node.js does
 * not.
 *
 * @param signal - ends the listening
 */
export function onOnline(listener: () => void, signal: AbortSignal): void {
  const { addEventListener } = globalThis as { addEventListener?: typeof globalThis.addEventListener };
  if (signal.aborted || typeof addEventListener !== "function") return;
  addEventListener.call(globalThis, "online", listener);
  const end = (): void => globalThis.removeEventListener?.("online", listener);
  signal.addEventListener("abort", end);
}
