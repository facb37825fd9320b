// Stores that don't end when they should, or whose end harms what they hold.

import type { ReaderStore } from "@remote-log/core";
import { copyOf, isSame, type StoreMutant, turn } from "./sound.ts";

/** Stores that don't end when they should, or whose end harms what they hold. */
export const lifetimeMutants: readonly StoreMutant[] = [
  {
    fault: "does not look at the signal",
    caughtBy: ["STORE-ABORT-01"],
    broken: ({ store }) => ({
      get: (key) => store.get(key),
      put: (key, value) => store.put(key, value),
      compareAndSet: (key, expected, value) => store.compareAndSet(key, expected, value),
    }),
  },
  {
    fault: "writes first, and looks at the signal then",
    caughtBy: ["STORE-ABORT-01"],
    broken: ({ store }) => ({
      async put(key, value, { signal } = {}) {
        await store.put(key, value);
        signal?.throwIfAborted();
      },
    }),
  },
  {
    fault: "wraps the reason of the signal",
    caughtBy: ["STORE-ABORT-01"],
    broken: ({ store }) => ({
      get: (...call) =>
        store.get(...call).catch((cause: unknown) => {
          throw new Error("aborted", { cause });
        }),
    }),
  },
  {
    fault: "keeps its lock after an abort",
    caughtBy: ["STORE-ABORT-02"],
    hangs: true,
    broken({ store, values }) {
      let last: Promise<unknown> = Promise.resolve();
      return {
        compareAndSet(key, expected, value, { signal } = {}) {
          const [before, copy] = [expected && copyOf(expected), copyOf(value)];
          const setting = last.then(async () => {
            await turn();
            signal?.throwIfAborted();
            return isSame(values.get(key), before) && store.compareAndSet(key, before, copy);
          });
          // The next waits for one that has failed.
          last = setting.catch(() => new Promise(() => undefined));
          return setting;
        },
      };
    },
  },
  {
    fault: "drops the value when a write is aborted",
    caughtBy: ["STORE-ABORT-02"],
    broken: ({ store, values }) => ({
      async compareAndSet(key, expected, value, options) {
        const set = await store.compareAndSet(key, expected, value, options);
        if (options?.signal?.aborted) values.delete(key);
        return set;
      },
    }),
  },
  {
    fault: "is empty once it is closed",
    caughtBy: ["STORE-CLOSE-01"],
    broken: ({ store, ended }) => ({ get: async (...call) => (ended() ? undefined : store.get(...call)) }),
  },
  {
    fault: "says after its end that a value was set",
    caughtBy: ["STORE-CLOSE-01"],
    broken: ({ store, ended }) => ({
      compareAndSet: async (...call) => ended() || store.compareAndSet(...call),
    }),
  },
  {
    fault: "deletes the old value before it writes the new one",
    caughtBy: ["STORE-CRASH-01"],
    broken: ({ store, values, ended }) => steps(store, values, ended, [(key) => values.delete(key)]),
  },
  {
    fault: "writes a value in two halves",
    caughtBy: ["STORE-CRASH-01"],
    broken: ({ store, values, ended }) =>
      steps(store, values, ended, [
        (key, value) => values.set(key, value.slice(0, value.length / 2)),
        (key, value) => values.set(key, value.slice()),
      ]),
  },
  {
    fault: "writes later than it says",
    caughtBy: ["STORE-CRASH-01"],
    broken: ({ store, values, ended }) => ({
      async compareAndSet(key, expected, value, options) {
        const before = values.get(key);
        const set = await store.compareAndSet(key, expected, value, options);
        if (!set || before === undefined) return set;
        const after = values.get(key)!;
        values.set(key, before);
        setTimeout(() => {
          if (!ended()) values.set(key, after);
        }, 5);
        return true;
      },
    }),
  },
];

/** Has a write go through further states, each of which stays if the instance ends in it. */
function steps(
  store: ReaderStore,
  values: Map<string, Uint8Array>,
  ended: () => boolean,
  states: readonly ((key: string, value: Uint8Array) => unknown)[],
): Partial<ReaderStore> {
  return {
    async compareAndSet(key, expected, value, options) {
      const [before, copy] = [expected && copyOf(expected), copyOf(value)];
      if (!isSame(values.get(key), before)) return false;
      for (const state of states) {
        if (ended()) throw new Error("The store has ended.");
        state(key, copy);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      await store.put(key, copy, options);
      return true;
    },
  };
}
