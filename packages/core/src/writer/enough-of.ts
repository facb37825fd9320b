// Several tries of which some have to succeed.

import { anySignal, delay } from "../async/signals.ts";
import { forbidsSigning } from "./forbids-signing.ts";

/**
 * Waits until enough tries have succeeded.
 *
 * @param least - how many
 * @throws the failure of the first of them, once all have ended and fewer have succeeded; if not all are needed, what forbids to
 * sign at once
 */
export function enoughOf(tries: readonly Promise<unknown>[], least: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let succeeded = 0;
    const one = async (attempt: Promise<unknown>): Promise<void> => {
      try {
        await attempt;
        succeeded += 1;
        if (succeeded >= least) resolve();
      } catch (error) {
        if (least < tries.length && forbidsSigning(error)) reject(error);
      }
    };
    const all = async (): Promise<void> => {
      await Promise.all(tries.map(one));
      // The first of the list, not of time: the same failure, whichever is faster.
      if (succeeded < least) for (const attempt of tries) await attempt;
      resolve();
    };
    all().catch(reject);
  });
}

/** Waits until all tries have ended, for a time. */
export async function endedWithin(
  tries: readonly Promise<unknown>[],
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  if (milliseconds === 0) return;
  const waiting = anySignal(signal);
  const passed = delay(milliseconds, waiting.signal).catch(() => undefined);
  await Promise.race([Promise.allSettled(tries), passed]);
  waiting.abort();
}
