import { isRemoteLogError } from "@remote-log/core";
import { withSignals } from "@remote-log/core/adapter";

/** Options of {@link askInTurn}. */
export interface InTurnOptions {
  /** How long one may be silent before the next is asked, too, in milliseconds. */
  readonly patienceMilliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Asks one after the other: the next when one has failed, or has been silent for a while; then both go on. The first
 * that succeeds ends the others.
 *
 * @returns what came first, and from which of them
 * @throws where all failed, the failure that says most: one after which it may be tried again, before one that is
 * final, before an absence
 */
export function askInTurn<T>(
  asks: readonly ((signal: AbortSignal) => Promise<T>)[],
  { patienceMilliseconds, signal }: InTurnOptions,
): Promise<{ readonly value: T; readonly index: number }> {
  const over = new AbortController();
  return withSignals([signal, over.signal], async (linked) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const failures: unknown[] = [];
        let asked = 0;
        const askNext = (): void => {
          clearTimeout(timer);
          const index = asked;
          const ask = asks[index];
          if (ask === undefined || linked.aborted) {
            if (failures.length === asked) reject(mostTelling(failures));
            return;
          }
          asked++;
          if (asked < asks.length) timer = setTimeout(askNext, patienceMilliseconds);
          ask(linked).then(
            (value) => resolve({ value, index }),
            (error: unknown) => {
              failures.push(error);
              askNext();
            },
          );
        };
        askNext();
      });
    } finally {
      clearTimeout(timer);
      // While the signals are still linked: it ends those that are under way.
      over.abort();
    }
  });
}

function mostTelling(failures: readonly unknown[]): unknown {
  const weight = (error: unknown): number => {
    if (!isRemoteLogError(error)) return 3;
    if (error.retry === "safe") return 2;
    return error.code === "ERR_NOT_FOUND" ? 0 : 1;
  };
  return failures.toSorted((one, other) => weight(other) - weight(one))[0];
}
