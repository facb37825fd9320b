// A cache in an IndexedDB: the values in one store, what is known of each in another.

import type { ReaderCache } from "@remote-log/core";
import { checkOptionTypes, optionKinds, throwIfAborted, timeNow } from "@remote-log/core/adapter";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type BoundedCache, checkCacheOptions } from "../cache/options.ts";

/** Options of {@link indexedDbCache}. */
export interface IndexedDbCacheOptions extends BoundedCache {
  /** The name of the database, which holds nothing else. Default `"remote-log-cache"`. */
  readonly name?: string | undefined;
}

/** A cache that holds a database open. */
export interface IndexedDbCache extends ReaderCache {
  /** Closes the database. The next call opens it again. */
  close(): Promise<void>;
}

/** What is known of a value. One that is to stay has no time of use, and so is not in the index by which values are evicted. */
interface Use {
  readonly bytes: number;
  readonly used?: number;
}

interface Schema extends DBSchema {
  values: { key: string; value: Uint8Array };
  uses: { key: string; value: Use; indexes: { used: number } };
  /** How many bytes there are of what may be evicted. */
  totals: { key: string; value: number };
}

/** A value that was used before this long ago, in milliseconds, is marked as used again. */
const USE_MILLISECONDS = 60_000;

const TOTAL = "bytes";

/**
 * A cache in the IndexedDB of a browser, or of one of its workers. All tabs of an origin share it. The browser may drop all of it when room gets short, unless
 * the page was allowed to keep its data (`navigator.storage.persist()`).
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 *
 * @example
 * ```ts
 * import { indexedDbCache } from "@remote-log/layers/indexed-db";
 *
 * const cache = indexedDbCache({ bytes: 32 * 1024 * 1024 });
 * ```
 */
export function indexedDbCache(options: IndexedDbCacheOptions = {}): IndexedDbCache {
  checkOptionTypes(options, { name: optionKinds.text }, { name: "indexedDbCache", operation: "cache.open" });
  const bytes = checkCacheOptions(options, "indexedDbCache");
  return new Cache(options.name ?? "remote-log-cache", bytes);
}

class Cache implements IndexedDbCache {
  readonly #name: string;
  readonly #bytes: number;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(name: string, bytes: number) {
    this.#name = name;
    this.#bytes = bytes;
  }

  async get(
    key: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    const database = await this.#open();
    const reading = database.transaction(["values", "uses"]);
    const [value, use] = await Promise.all([
      reading.objectStore("values").get(key),
      reading.objectStore("uses").get(key),
    ]);
    const now = timeNow();
    if (use?.used !== undefined && now - use.used > USE_MILLISECONDS) {
      const marking = database.transaction("uses", "readwrite");
      // It may be gone by now.
      const current = await marking.store.get(key);
      if (current?.used !== undefined) await marking.store.put({ ...current, used: now }, key);
      await marking.done;
    }
    return value;
  }

  async put(
    key: string,
    value: Uint8Array,
    { signal, keep = false }: { signal?: AbortSignal | undefined; keep?: boolean | undefined } = {},
  ): Promise<void> {
    throwIfAborted(signal);
    // Not the whole buffer, if the value is a part of one.
    const copy = new Uint8Array(value);
    await this.#change(key, !keep && copy.length > this.#bytes ? undefined : copy, keep);
  }

  async delete(key: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfAborted(signal);
    await this.#change(key, undefined, false);
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database)?.close();
  }

  // In one transaction: tabs take turns.
  async #change(key: string, value: Uint8Array | undefined, keep: boolean): Promise<void> {
    const transaction = (await this.#open()).transaction(["values", "uses", "totals"], "readwrite");
    const values = transaction.objectStore("values");
    const uses = transaction.objectStore("uses");
    const totals = transaction.objectStore("totals");
    const [former, before = 0] = await Promise.all([uses.get(key), totals.get(TOTAL)]);
    let total = before - (former?.used === undefined ? 0 : former.bytes);
    if (value === undefined) {
      await Promise.all([values.delete(key), uses.delete(key)]);
    } else {
      const bytes = value.length;
      if (!keep) total += bytes;
      await Promise.all([
        values.put(value, key),
        uses.put(keep ? { bytes } : { bytes, used: timeNow() }, key),
      ]);
    }
    let oldest = total > this.#bytes ? await uses.index("used").openCursor() : null;
    while (oldest !== null && total > this.#bytes) {
      const { primaryKey, value: use } = oldest;
      if (primaryKey !== key) {
        await Promise.all([values.delete(primaryKey), uses.delete(primaryKey)]);
        total -= use.bytes;
      }
      oldest = await oldest.continue();
    }
    await totals.put(total, TOTAL);
    await transaction.done;
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    const forget = (): void => {
      this.#database = undefined;
    };
    this.#database ??= openDB<Schema>(this.#name, 1, {
      upgrade(database) {
        database.createObjectStore("values");
        database.createObjectStore("uses").createIndex("used", "used");
        database.createObjectStore("totals");
      },
      // Another tab wants to remove or to change it: it is closed, and opened again when it is needed.
      blocking: () => void this.close(),
      terminated: forget,
    }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return this.#database;
  }
}
