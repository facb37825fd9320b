// Stores whose compare and set is none.

import { copyOf, isSame, type StoreMutant, turn } from "./sound.ts";

/** Stores whose compare and set is none. */
export const comparingMutants: readonly StoreMutant[] = [
  {
    fault: "lets the last write win",
    caughtBy: ["STORE-CAS-01", "STORE-CAS-02", "STORE-CAS-04", "STORE-READER-01"],
    broken: ({ store }) => ({
      async compareAndSet(key, _expected, value, options) {
        await store.put(key, value, options);
        return true;
      },
    }),
  },
  {
    fault: "compares lengths alone",
    caughtBy: ["STORE-CAS-02"],
    broken: ({ values }) => ({
      async compareAndSet(key, expected, value) {
        if (values.get(key)?.length !== expected?.length) return false;
        values.set(key, copyOf(value));
        return true;
      },
    }),
  },
  {
    fault: "compares as far as the shorter value goes",
    caughtBy: ["STORE-CAS-02"],
    broken: ({ values }) => ({
      async compareAndSet(key, expected, value) {
        const held = values.get(key);
        if ((held === undefined) !== (expected === undefined)) return false;
        if (held?.some((byte, i) => i < expected!.length && byte !== expected![i])) return false;
        values.set(key, copyOf(value));
        return true;
      },
    }),
  },
  {
    fault: "takes no expected value for any",
    caughtBy: ["STORE-CAS-01"],
    broken: ({ store, values }) => ({
      compareAndSet: (key, expected, value, options) =>
        store.compareAndSet(key, expected ?? values.get(key), value, options),
    }),
  },
  {
    fault: "takes an empty value for none",
    caughtBy: ["STORE-CAS-01", "STORE-CAS-03"],
    broken: ({ store }) => ({
      compareAndSet: (key, expected, value, options) =>
        store.compareAndSet(key, expected?.length === 0 ? undefined : expected, value, options),
    }),
  },
  {
    fault: "says no, and sets the value",
    caughtBy: ["STORE-CAS-02"],
    broken: ({ store, values }) => ({
      async compareAndSet(key, expected, value, options) {
        const set = await store.compareAndSet(key, expected, value, options);
        values.set(key, copyOf(value));
        return set;
      },
    }),
  },
  {
    fault: "says yes, and sets nothing",
    caughtBy: ["STORE-CAS-01"],
    broken: () => ({ compareAndSet: async () => true }),
  },
  {
    fault: "always says no",
    caughtBy: ["STORE-CAS-01", "STORE-READER-03"],
    broken: () => ({ compareAndSet: async () => false }),
  },
  {
    fault: "answers with the value that it holds",
    caughtBy: ["STORE-CAS-01"],
    broken: ({ store }) => ({
      async compareAndSet(key, expected, value, options) {
        await store.compareAndSet(key, expected, value, options);
        return store.get(key, options) as never;
      },
    }),
  },
  {
    fault: "compares first, and sets a moment later",
    caughtBy: ["STORE-CAS-04", "STORE-SHARE-02", "STORE-SHARE-03"],
    broken: ({ store, values }) => ({
      async compareAndSet(key, expected, value, options) {
        const [before, copy] = [expected && copyOf(expected), copyOf(value)];
        if (!isSame(values.get(key), before)) return false;
        await store.put(key, copy, options);
        return true;
      },
    }),
  },
  {
    fault: "has its own calls take turns, except put",
    caughtBy: ["STORE-CAS-05"],
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
    fault: "has one version for all keys",
    caughtBy: ["STORE-CAS-06"],
    broken({ store }) {
      let version = 0;
      return {
        async put(...call) {
          await store.put(...call);
          version++;
        },
        async compareAndSet(key, expected, value, options) {
          const before = version;
          const copies = [expected && copyOf(expected), copyOf(value)] as const;
          await turn();
          return version === before && store.compareAndSet(key, ...copies, options);
        },
      };
    },
  },
];
