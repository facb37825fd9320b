// A reader's store in its cache, for a reader that was given none: what it knows survives the process, if the cache does.

import { Semaphore } from "../async/semaphore.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual, concatBytes, plainBytes } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { askCache } from "./ask-cache.ts";
import type { ReaderCache } from "./reader-cache.ts";
import { type ReaderStore, sameValue } from "./reader-store.ts";

const HASH_BYTES = 32;

const stores = new WeakMap<ReaderCache, CacheStore>();

/**
 * A store in a cache. Within this process it keeps all promises of a store. What it had in an earlier process is there again if the cache still has it, whole;
 * otherwise a reader begins as a new one.
 */
export class CacheStore implements ReaderStore {
  readonly #cache: ReaderCache;
  readonly #values = new Map<string, Uint8Array | undefined>();
  readonly #turns = new Semaphore(1);

  private constructor(cache: ReaderCache) {
    this.#cache = cache;
  }

  /** The one store in a cache. */
  static in(cache: ReaderCache): CacheStore {
    const store = stores.get(cache) ?? new CacheStore(cache);
    stores.set(cache, store);
    return store;
  }

  async get(key: string, { signal }: OperationOptions = {}): Promise<Uint8Array | undefined> {
    return this.#turns.run(signal, async () => (await this.#load(key, signal))?.slice());
  }

  async put(key: string, value: Uint8Array, { signal }: OperationOptions = {}): Promise<void> {
    const copy = plainBytes(value).slice();
    await this.#turns.run(signal, () => this.#save(key, copy, signal));
  }

  async compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    { signal }: OperationOptions = {},
  ): Promise<boolean> {
    const [before, after] = [expected && plainBytes(expected).slice(), plainBytes(value).slice()];
    return this.#turns.run(signal, async () => {
      if (!sameValue(await this.#load(key, signal), before)) return false;
      await this.#save(key, after, signal);
      return true;
    });
  }

  async #load(key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    if (this.#values.has(key)) return this.#values.get(key);
    const kept = await askCache(signal, (within) => this.#cache.get(`record/${key}`, { signal: within }));
    const value = kept && wholeRecord(plainBytes(kept).slice());
    this.#values.set(key, value);
    return value;
  }

  async #save(key: string, value: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    this.#values.set(key, value);
    const record = concatBytes([sha256(value), value]);
    await askCache(undefined, (within) =>
      this.#cache.put(`record/${key}`, record, { signal: within, keep: true }),
    );
  }
}

// A record that was cut short or changed is none.
function wholeRecord(record: Uint8Array): Uint8Array | undefined {
  const value = record.subarray(HASH_BYTES);
  return bytesEqual(sha256(value), record.subarray(0, HASH_BYTES)) ? value : undefined;
}
