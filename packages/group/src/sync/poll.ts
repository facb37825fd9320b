// Reads again and again: after a while, and at once when the device comes back online.

import { type AnySignal, anySignal, delay, onOnline } from "@remote-log/core/adapter";

/**
 * Repeats a round until a signal ends it. One that fails is repeated like any other.
 *
 * @param round - reads what is new
 * @param milliseconds - the time between two rounds
 */
export async function poll(
  round: (signal: AbortSignal) => Promise<void>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  let pause: AnySignal | undefined;
  let cameOnline = false;
  onOnline(() => {
    cameOnline = true;
    pause?.abort();
  }, signal);
  while (!signal.aborted) {
    cameOnline = false;
    await round(signal).catch(() => undefined);
    // What it could not reach before, it may reach now.
    if (cameOnline) continue;
    pause = anySignal(signal);
    await delay(milliseconds, pause.signal).catch(() => undefined);
    pause.clear();
  }
}
