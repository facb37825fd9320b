// Where a reader keeps what must outlive it.

import type { KeyValueDatabase } from "../journal/database.ts";
import { viewEncoding } from "../journal/database.ts";

/**
 * Where a reader keeps the little that must outlive it: the newest state that it verified, and its cursors.
 * A reader trusts what is in it, so it belongs on the reader's own device.
 */
export interface ReaderStore {
  /** The value under a key, or `undefined`. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Sets a value. Durable when it resolves. */
  put(key: string, value: Uint8Array): Promise<void>;
}

/**
 * A store that ends with the process: for tools that run once, and for tests.
 *
 * @example
 * ```ts
 * import { memoryReaderStore } from "@remote-log/core";
 *
 * const store = memoryReaderStore();
 * await store.put("key", new Uint8Array([1]));
 * console.log(await store.get("key"), await store.get("another"));
 * ```
 */
export function memoryReaderStore(): ReaderStore {
  const values = new Map<string, Uint8Array>();
  return {
    get: async (key) => values.get(key),
    put: async (key, value) => {
      values.set(key, value.slice());
    },
  };
}

/**
 * A store on an `abstract-level` database: `classic-level` in Node, `browser-level` in browsers.
 *
 * @example
 * ```ts
 * import { databaseReaderStore } from "@remote-log/core";
 * import { MemoryLevel } from "memory-level";
 *
 * const store = databaseReaderStore(new MemoryLevel()); // new ClassicLevel(path), new BrowserLevel(name)
 * ```
 */
export function databaseReaderStore(database: KeyValueDatabase): ReaderStore {
  const bytesOf = (key: string): Uint8Array => new TextEncoder().encode(key);
  return {
    get: (key) => database.get(bytesOf(key), viewEncoding),
    put: (key, value) =>
      database.batch([{ type: "put", key: bytesOf(key), value }], { ...viewEncoding, sync: true }),
  };
}
