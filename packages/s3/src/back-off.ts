import { delay } from "./abort.ts";

/** How often a write that another one was in the way of (409) is sent in all. */
export const CONFLICTS = 6;

const FIRST_MILLISECONDS = 40;

/** Waits a random time that grows with every try, so that those who were in each other's way part. */
export async function backOff(tries: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(Math.random() * FIRST_MILLISECONDS * 2 ** tries, signal);
}
