import { check } from "../assert.ts";

/** How many operations share one signal, and how many listeners may be left on it. */
const OPERATIONS = 50;
const MAY_STAY = 5;

/** Fails where operations that are over leave more and more listeners on a signal that lives longer than they do. */
export async function leavesNoListeners(operate: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const { signal } = new AbortController();
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value(...parameters: Parameters<typeof add>) {
        listening.add(parameters[1]);
        add(...parameters);
      },
    },
    removeEventListener: {
      value(...parameters: Parameters<typeof remove>) {
        listening.delete(parameters[1]);
        remove(...parameters);
      },
    },
  });
  for (let i = 0; i < OPERATIONS; i++) await operate(signal);
  check(
    listening.size <= MAY_STAY,
    `${listening.size} listeners are left after ${OPERATIONS} rounds of operations`,
  );
}
