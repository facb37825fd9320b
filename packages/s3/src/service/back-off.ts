// Pauses before a write is sent again that met another one (409).

import { delay, random } from "@remote-log/core/adapter";

/** How often a write that met another one (409) is sent in all. */
export const CONFLICTS = 6;

/** Before the second attempt, a write waits for less than twice as long as this. */
const FIRST_MILLISECONDS = 40;

/** Waits a random time that grows with every attempt, so that writers who met do not meet again. */
export async function backOff(attempts: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(pauseAfter(attempts, random()), signal);
}

/**
 * The time to wait after some attempts, in milliseconds.
 *
 * @param random - at least 0, less than 1
 */
export function pauseAfter(attempts: number, random: number): number {
  return random * FIRST_MILLISECONDS * 2 ** attempts;
}
