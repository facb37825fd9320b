// Stores of which each instance has a mind of its own, or that lose what readers rely on.

import { copyOf, isSame, type StoreMutant, turn } from "./sound.ts";

/** Stores of which each instance has a mind of its own, or that lose what readers rely on. */
export const placeMutants: readonly StoreMutant[] = [
  {
    fault: "remembers what it has read",
    caughtBy: ["STORE-SHARE-01"],
    broken({ store }) {
      const read = new Map<string, Uint8Array>();
      return {
        async get(key, options) {
          const value = read.get(key) ?? (await store.get(key, options));
          if (value !== undefined) read.set(key, value);
          return value && copyOf(value);
        },
      };
    },
  },
  {
    fault: "has a lock for each instance alone",
    caughtBy: ["STORE-SHARE-02", "STORE-SHARE-03"],
    broken({ store, values }) {
      let last: Promise<unknown> = Promise.resolve();
      return {
        compareAndSet(key, expected, value, options) {
          const [before, copy] = [expected && copyOf(expected), copyOf(value)];
          const setting = last.then(async () => {
            if (!isSame(values.get(key), before)) return false;
            await turn();
            await store.put(key, copy, options);
            return true;
          });
          last = setting.catch(() => undefined);
          return setting;
        },
      };
    },
  },
  {
    fault: "keeps values in the instance alone",
    caughtBy: ["STORE-DURABLE-01", "STORE-SHARE-01"],
    broken() {
      const values = new Map<string, Uint8Array>();
      return {
        get: async (key) => values.get(key),
        put: async (key, value) => void values.set(key, copyOf(value)),
        compareAndSet: async (key, expected, value) =>
          isSame(values.get(key), expected) && values.set(key, copyOf(value)) === values,
      };
    },
  },
  {
    fault: "keeps of a record what the first version of a reader wrote, and forgets the fork",
    caughtBy: ["STORE-READER-01", "STORE-READER-02"],
    broken: ({ store }) => ({
      async get(key, options) {
        const value = await store.get(key, options);
        if (value === undefined || !key.endsWith("/mark")) return value;
        const { fork: _fork, ...kept } = JSON.parse(new TextDecoder().decode(value)) as { fork?: unknown };
        return new TextEncoder().encode(JSON.stringify(kept));
      },
    }),
  },
  {
    fault: "keeps one log",
    caughtBy: ["STORE-READER-03"],
    broken({ store }) {
      const without = (key: string): string => key.replace(/^[0-9a-f]{64}\//, "");
      return {
        get: (key, options) => store.get(without(key), options),
        put: (key, value, options) => store.put(without(key), value, options),
        compareAndSet: (key, expected, value, options) =>
          store.compareAndSet(without(key), expected, value, options),
      };
    },
  },
  {
    fault: "refuses whoever comes second, with an error",
    caughtBy: ["STORE-READER-04"],
    broken: ({ store }) => ({
      async compareAndSet(...call) {
        if (await store.compareAndSet(...call)) return true;
        throw new Error("Somebody else was first.");
      },
    }),
  },
];
