// The read keys of other members' logs that this device has: opened from keyrings, or given to it when it came.

import type { KeyValueDatabase } from "@remote-log/core";
import { afterPrefix, joined, logBytes, logFrom, numberBytes, numberFrom } from "../wire/position.ts";

const views = { keyEncoding: "view", valueEncoding: "view" } as const;
const KEYS = new Uint8Array([7]);

/** The read key of an epoch of a log, which opens everything up to the end of that epoch. */
export interface LogKey {
  /** The number of the epoch. */
  readonly epoch: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** One key for a log: that of the newest epoch that this device can open. */
export class KnownKeys {
  readonly #database: KeyValueDatabase;
  readonly #keys: Map<string, LogKey>;

  private constructor(database: KeyValueDatabase, keys: Map<string, LogKey>) {
    this.#database = database;
    this.#keys = keys;
  }

  /** Reads what earlier runs left. */
  static async load(database: KeyValueDatabase): Promise<KnownKeys> {
    const keys = new Map<string, LogKey>();
    for await (const [key, value] of database.iterator({ ...views, gte: KEYS, lt: afterPrefix(KEYS) }))
      keys.set(logFrom(key, 1), { epoch: numberFrom(value), key: value.slice(6) });
    return new KnownKeys(database, keys);
  }

  /** The key of a log. */
  get(log: string): LogKey | undefined {
    return this.#keys.get(log);
  }

  /** Keeps keys, in place of those that were known. */
  async keep(keys: ReadonlyMap<string, LogKey>): Promise<void> {
    const operations = [...keys].map(
      ([log, { epoch, key }]) =>
        ({ type: "put", key: keyOf(log), value: joined(numberBytes(epoch), key) }) as const,
    );
    await this.#database.batch(operations, { ...views, sync: true });
    for (const [log, key] of keys) this.#keys.set(log, key);
  }

  /**
   * Forgets the key of a log, which did not open it.
   *
   * @returns whether there was one
   */
  async forget(log: string): Promise<boolean> {
    if (!this.#keys.has(log)) return false;
    await this.#database.batch([{ type: "del", key: keyOf(log) }], { ...views, sync: true });
    return this.#keys.delete(log);
  }
}

function keyOf(log: string): Uint8Array {
  return joined(KEYS, logBytes(log));
}
