// The clock of this machine, for errors of which time may be the cause.

import { timeNow } from "../runtime/clock.ts";

/**
 * What the clock of this machine says, for a message: `by the clock of this machine (2026-11-29)`. Put it into every error that
 * time decides about: a reader sees at once if the clock is wrong by years.
 *
 * @param now - milliseconds since 1970. Default: now
 *
 * @example
 * ```ts
 * import { byThisClock } from "@remote-log/core/adapter";
 *
 * throw new Error(`The record has expired, ${byThisClock()}.`);
 * ```
 */
export function byThisClock(now: number = timeNow()): string {
  return `by the clock of this machine (${new Date(now).toISOString().slice(0, 10)})`;
}
