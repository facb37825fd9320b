// A reader's store on an abstract-level database: LevelDB in Node, IndexedDB in browsers.

import { Semaphore } from "../async/semaphore.ts";
import { throwIfAborted } from "../async/signals.ts";
import { plainBytes } from "../bytes.ts";
import type { KeyValueDatabase } from "../journal/database.ts";
import { databaseKind, viewEncoding } from "../journal/database.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { encodeUtf8 } from "../utf8.ts";
import { type ReaderStore, sameValue } from "./reader-store.ts";

/**
 * A store on an `abstract-level` database: `classic-level` in Node, `browser-level` in browsers. The database stays yours to
 * close.
 *
 * Any number of stores on one database can be used at once. `classic-level` lets one process at a time have the database open.
 * In browsers, tabs and workers take turns with a Web Lock, which browsers offer to secure contexts alone (https, or
 * localhost); elsewhere let one of them read.
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
  checkArgument(database, databaseKind, { name: "The database", operation: "reader.open" });
  const keyOf = (key: string): Uint8Array => encodeUtf8(key);
  const write = (key: string, value: Uint8Array): Promise<void> =>
    database.batch([{ type: "put", key: keyOf(key), value }], { ...viewEncoding, sync: true });
  return {
    async get(key, { signal } = {}) {
      throwIfAborted(signal);
      const value = await database.get(keyOf(key), viewEncoding);
      // A database in memory returns its own bytes.
      return value && plainBytes(value).slice();
    },
    async put(key, value, { signal } = {}) {
      const copy = plainBytes(value).slice();
      await locked(database, signal, () => write(key, copy));
    },
    async compareAndSet(key, expected, value, { signal } = {}) {
      const [before, after] = [expected && plainBytes(expected).slice(), plainBytes(value).slice()];
      return locked(database, signal, async () => {
        if (!sameValue(await database.get(keyOf(key), viewEncoding), before)) return false;
        await write(key, after);
        return true;
      });
    },
  };
}

// The writes of one database object take turns here, and those of different tabs, which have objects of their own, below.
const turns = new WeakMap<KeyValueDatabase, Semaphore>();

async function locked<T>(
  database: KeyValueDatabase,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const turn = turns.get(database) ?? new Semaphore(1);
  turns.set(database, turn);
  return turn.run(signal, () => withWebLock(database, signal, work));
}

interface LockManager {
  request<T>(name: string, options: { signal?: AbortSignal }, callback: () => Promise<T>): Promise<T>;
}

/** What a database in a browser has besides: the name of its IndexedDB, in two parts. */
interface NamedDatabase {
  readonly location?: unknown;
  readonly namePrefix?: unknown;
}

async function withWebLock<T>(
  database: KeyValueDatabase & NamedDatabase,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const { location, namePrefix } = database;
  if (navigator?.locks === undefined || typeof location !== "string") return work();
  const name = `remote-log:reader-store:${typeof namePrefix === "string" ? namePrefix : ""}${location}`;
  return navigator.locks.request(name, { ...(signal && { signal }) }, work);
}
