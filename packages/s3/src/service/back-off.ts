// Pauses before a write is sent again that met another one (409).

import { delay } from "@remote-log/core/adapter";

/** How often a write that met another one (409) is sent in all. */
export const CONFLICTS = 6;

const FIRST_MILLISECONDS = 40;

/** Waits a random time that grows with every attempt, so that writers who met do not meet again. */
export async function backOff(attempts: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(Math.random() * FIRST_MILLISECONDS * 2 ** attempts, signal);
}
