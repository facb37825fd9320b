// Asking a cache: whatever it does, it holds nobody up for long, and nobody fails because of it.

import { withDeadline } from "../async/deadline.ts";
import { throwIfAborted } from "../async/signals.ts";

/**
 * Asks a cache. If it fails, or is silent for five seconds, it is as if it had nothing: a remote would be as quick.
 *
 * @throws the reason of the signal
 */
export async function askCache<T>(
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    const deadline = { milliseconds: 5_000, operation: "reader.cache", backend: "The cache", signal };
    return await withDeadline(deadline, async (within) => ask(within));
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}
