// Time that passes, and timers.

import { environment } from "./environment.ts";

/** The time of day, in milliseconds since 1970: for what people see, and for what outlasts the process. */
export function timeNow(): number {
  return environment().now();
}

/**
 * Milliseconds since some moment. A clock that is set does not move it, if the runtime has such a clock (`performance`); else
 * it is the time of day.
 */
export function monotonicNow(): number {
  return environment().monotonicNow();
}

/** Cancels what was to happen later. */
export type Timer = () => void;

/**
 * Runs something once, later.
 *
 * @param milliseconds - how long to wait, up to 2³¹ − 1
 * @param mayEnd - whether the process may end before that, if nothing else keeps it running. Default: false
 */
export function startTimer(run: () => void, milliseconds: number, mayEnd: boolean = false): Timer {
  return environment().schedule(run, milliseconds, mayEnd);
}

/** Cancels a timer. Nothing happens if there is none, or if it has run. */
export function stopTimer(timer: Timer | undefined): void {
  timer?.();
}
