// Deadlines: a request ends within a time, whatever the backend does.

import { TimeoutError } from "../errors/index.ts";
import { unknownOutcome } from "../errors/outcome.ts";
import { startTimer, stopTimer } from "../runtime/clock.ts";
import { anySignal, raceSignal, throwIfAborted } from "./signals.ts";

/** Options of {@link withDeadline}. */
export interface DeadlineOptions {
  /** How long the work may take, in milliseconds. */
  readonly milliseconds: number;
  /** What is being done, as `subject.verb`. */
  readonly operation: string;
  /** What it waits for, for the error. */
  readonly backend: string;
  /** The caller's own signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does one request to a backend within a time. A backend that never answers, or ignores the signal, cannot hold
 * its caller longer.
 *
 * @throws TimeoutError `ERR_TIMEOUT` when the time is over; the outcome of a write is then unknown
 */
export async function withDeadline<T>(
  { milliseconds, operation, backend, signal }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const limited = anySignal(signal);
  const timer = startTimer(() => {
    const message = `${backend} gave no answer within ${milliseconds} ms.${unknownOutcome(operation)} Try again, or allow more time.`;
    limited.abort(new TimeoutError(message, { operation }));
  }, milliseconds);
  try {
    return await raceSignal(work(limited.signal), limited.signal);
  } finally {
    stopTimer(timer);
    limited.clear();
  }
}
