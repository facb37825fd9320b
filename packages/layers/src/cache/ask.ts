// Asking a cache: whatever it does, it holds nobody up for long, and nobody fails because of it.

import { throwIfAborted, withDeadline } from "@remote-log/core/adapter";

/**
 * Asks a cache. If it fails, or is silent for five seconds, it is as if it had nothing.
 *
 * @throws the reason of the signal
 */
export async function ask<T>(
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    const deadline = { milliseconds: 5_000, operation: "cache.ask", backend: "The cache", signal };
    return await withDeadline(deadline, async (within) => work(within));
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}
