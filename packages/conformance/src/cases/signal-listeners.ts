// Counts the listeners that operations leave on a signal that lives longer than they do.

import { check } from "../assert.ts";

/** How many operations share one signal, and how many listeners may be left on it. */
const OPERATIONS = 50;
const MAY_STAY = 5;

/** Fails if operations that are over leave more and more listeners on a signal that lives longer than they do. */
export async function leavesNoListeners(operate: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const { signal } = new AbortController();
  const listening = new Set<unknown>();
  // It never fires, so whoever listens is noted and not added: otherwise the runtime would warn of the same leak.
  Object.defineProperties(signal, {
    addEventListener: {
      value(...[, listener]: Parameters<AbortSignal["addEventListener"]>) {
        listening.add(listener);
      },
    },
    removeEventListener: {
      value(...[, listener]: Parameters<AbortSignal["removeEventListener"]>) {
        listening.delete(listener);
      },
    },
  });
  for (let i = 0; i < OPERATIONS; i++) await operate(signal);
  check(
    listening.size <= MAY_STAY,
    `${listening.size} listeners are left after ${OPERATIONS} rounds of operations`,
  );
}
