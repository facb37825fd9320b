// A cache in the memory of one process.

import type { ReaderCache } from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";
import { LRUCache } from "lru-cache";
import { type BoundedCache, checkCacheOptions } from "./options.ts";

/** Options of {@link memoryCache}. */
export interface MemoryCacheOptions extends BoundedCache {}

/**
 * A cache in memory: for a process that opens logs several times, and for tests. Nothing survives the process.
 *
 * @example
 * ```ts
 * import { memoryCache } from "@remote-log/layers";
 *
 * const cache = memoryCache({ bytes: 16 * 1024 * 1024 });
 * ```
 */
export function memoryCache(options: MemoryCacheOptions = {}): ReaderCache {
  const bytes = checkCacheOptions(options, "memoryCache");
  const passing = new LRUCache<string, Uint8Array>({
    maxSize: bytes,
    // An empty value takes some room, too.
    sizeCalculation: (value) => Math.max(1, value.length),
  });
  const kept = new Map<string, Uint8Array>();
  const remove = (key: string): void => {
    kept.delete(key);
    passing.delete(key);
  };
  return {
    async get(key, { signal } = {}) {
      throwIfAborted(signal);
      const value = kept.get(key) ?? passing.get(key);
      return value && new Uint8Array(value);
    },
    async put(key, value, { signal, keep = false } = {}) {
      throwIfAborted(signal);
      remove(key);
      if (keep) kept.set(key, new Uint8Array(value));
      else passing.set(key, new Uint8Array(value));
    },
    async delete(key, { signal } = {}) {
      throwIfAborted(signal);
      remove(key);
    },
  };
}
