// Stores that change keys or values.

import type { ReaderStore } from "@remote-log/core";
import { copyOf, type Sound, type StoreMutant } from "./sound.ts";

/** Stores that change keys or values. */
export const valueMutants: readonly StoreMutant[] = [
  {
    fault: "says null for what is not there",
    caughtBy: ["STORE-VALUE-01"],
    broken: ({ store }) => ({ get: async (...call) => (await store.get(...call)) ?? (null as never) }),
  },
  {
    fault: "says that what is not there is empty",
    caughtBy: ["STORE-VALUE-01"],
    broken: ({ store }) => ({ get: async (...call) => (await store.get(...call)) ?? new Uint8Array() }),
  },
  {
    fault: "keeps values in a plain object",
    caughtBy: ["STORE-VALUE-01"],
    broken: ({ store }) => ({
      get: async (key, options) =>
        key in {} ? (Reflect.get({}, key) as Uint8Array) : store.get(key, options),
    }),
  },
  {
    fault: "keeps values as text",
    caughtBy: ["STORE-VALUE-02"],
    broken: ({ store }) =>
      withValues(store, (value) => new TextEncoder().encode(new TextDecoder().decode(value))),
  },
  {
    fault: "drops empty values",
    caughtBy: ["STORE-VALUE-02", "STORE-CAS-03"],
    broken: ({ store }) => ({
      get: async (...call) => {
        const value = await store.get(...call);
        return value?.length === 0 ? undefined : value;
      },
    }),
  },
  {
    fault: "cuts what is longer than a mebibyte",
    caughtBy: ["STORE-VALUE-03"],
    broken: ({ store }) => withValues(store, (value) => value.subarray(0, 2 ** 20)),
  },
  {
    fault: "writes over the old value without cutting what is left of it",
    caughtBy: ["STORE-VALUE-04"],
    broken: ({ store, values }) => ({
      put(key, value, options) {
        const old = values.get(key) ?? new Uint8Array();
        return store.put(key, Uint8Array.of(...value, ...old.subarray(value.length)), options);
      },
    }),
  },
  ...(
    [
      ["takes capitals and small letters for the same", (key) => key.toLowerCase()],
      ["takes everything but letters for the same", (key) => key.replaceAll(/\W/g, "_")],
      ["ends a key at a NUL", (key) => key.split("\0")[0]!],
      ["removes spaces around a key", (key) => key.trim()],
      ["composes letters in a key", (key) => key.normalize("NFC")],
      ["cuts keys after 255 letters", (key) => key.slice(0, 255)],
      ["takes keys for paths", (key) => new URL(key, "file:///").pathname],
    ] as readonly (readonly [string, (key: string) => string])[]
  ).map(
    ([fault, change]): StoreMutant => ({
      fault,
      caughtBy: ["STORE-VALUE-05"],
      broken: ({ store }) => withKeys(store, change),
    }),
  ),
  {
    fault: "keeps the caller's bytes",
    caughtBy: ["STORE-BYTES-01"],
    broken: ({ store, values }) => ({
      async put(key, value, options) {
        await store.put(key, value, options);
        values.set(key, value);
      },
    }),
  },
  {
    fault: "copies the expected bytes late",
    caughtBy: ["STORE-BYTES-01"],
    broken: ({ store }) => ({
      async compareAndSet(...call) {
        await Promise.resolve();
        return store.compareAndSet(...call);
      },
    }),
  },
  {
    fault: "returns its own bytes",
    caughtBy: ["STORE-BYTES-02"],
    broken: ({ store, values }) => ({
      async get(key, options) {
        await store.get(key, options);
        return values.get(key);
      },
    }),
  },
  {
    fault: "stores all bytes around a view",
    caughtBy: ["STORE-BYTES-03"],
    broken: ({ store }) => withValues(store, (value) => new Uint8Array(value.buffer)),
  },
];

function withValues(store: ReaderStore, change: (value: Uint8Array) => Uint8Array): Partial<Sound["store"]> {
  return {
    put: (key, value, options) => store.put(key, copyOf(change(value)), options),
    compareAndSet: (key, expected, value, options) =>
      store.compareAndSet(key, expected, copyOf(change(value)), options),
  };
}

function withKeys(store: ReaderStore, change: (key: string) => string): Partial<ReaderStore> {
  return {
    get: (key, options) => store.get(change(key), options),
    put: (key, value, options) => store.put(change(key), value, options),
    compareAndSet: (key, expected, value, options) =>
      store.compareAndSet(change(key), expected, value, options),
  };
}
