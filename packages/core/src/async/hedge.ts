// Hedged requests: the next source is asked when one fails or is silent, and the first answer wins.

import { startTimer, stopTimer, type Timer } from "../runtime/clock.ts";
import { withAnySignal } from "./signals.ts";

/** Options of {@link hedge}. */
export interface HedgeOptions {
  /** How long one source may be silent before the next is asked as well, in milliseconds. */
  readonly patienceMilliseconds: number;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
  /** Chooses the failure to reject with, of at least one; in the order in which the sources were asked. */
  readonly choose: (failures: readonly unknown[]) => unknown;
}

/**
 * Asks sources in order: the next as soon as one has failed, or has been silent for a while; then both continue. The first
 * that succeeds ends the others.
 *
 * @returns what came first, and the position of its source
 * @throws the chosen failure, if all failed
 * @throws the reason of the signal
 */
export function hedge<T>(
  asks: readonly ((signal: AbortSignal) => Promise<T>)[],
  { patienceMilliseconds, signal, choose }: HedgeOptions,
): Promise<{ readonly value: T; readonly index: number }> {
  const over = new AbortController();
  return withAnySignal([signal, over.signal], async (any) => {
    let timer: Timer | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const failures: unknown[] = [];
        let failed = 0;
        let asked = 0;
        const askNext = (): void => {
          stopTimer(timer);
          const index = asked;
          const ask = asks[index];
          if (ask === undefined || any.aborted) {
            if (failed === asked) reject(choose(failures));
            return;
          }
          asked++;
          if (asked < asks.length) timer = startTimer(askNext, patienceMilliseconds);
          ask(any).then(
            (value) => resolve({ value, index }),
            (error: unknown) => {
              failures[index] = error;
              failed++;
              askNext();
            },
          );
        };
        askNext();
      });
    } finally {
      stopTimer(timer);
      // While the signals are still linked: it ends the requests that are still running.
      over.abort();
    }
  });
}
