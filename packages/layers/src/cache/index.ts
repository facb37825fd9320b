// The layer that keeps what was read.

import type { ReaderCache } from "@remote-log/core";
import { checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
import { type Layer, layerOf } from "../layer.ts";
import { cachedStorage } from "./cached-storage.ts";
import { namesWithMemory } from "./last-known.ts";

/** Options of {@link cache}. */
export interface CacheOptions {
  /** Where contents are kept. Any number of layers and readers may share one. */
  readonly store: ReaderCache;
  /**
   * Whether what names hold is kept as well, for {@link lastKnownName}. A name that can't be resolved is an error all the same. Default false.
   */
  readonly offline?: boolean | undefined;
}

const { flag, required, withMethods } = optionKinds;
const kinds = {
  store: required(withMethods(["get", "put", "delete"], "a cache, such as `memoryCache()` returns")),
  offline: flag,
};

/**
 * A layer that keeps what was read from a storage, and gives it from there when it is read again. An address names one content for ever, so that nothing in the cache can
 * be out of date. What comes out of it is held against its address; what is damaged is removed, and read anew.
 *
 * `get` alone is answered by it: `has` asks the storage, and names are always resolved. It is for reading. **Do not give it to a writer**, which reads back to see what
 * its remote still has. A reader has its own: `openReader({ cache })`, with the same stores, which keeps the state as well.
 *
 * @example
 * ```ts
 * import { cache, memoryCache } from "@remote-log/layers";
 * import { memoryStorage } from "@remote-log/memory";
 *
 * const storage = cache({ store: memoryCache() })(memoryStorage());
 * ```
 */
export function cache(options: CacheOptions): Layer {
  checkOptionTypes(options, kinds, { name: "cache", operation: "layers.open" });
  const { store, offline = false } = options;
  return layerOf({
    storage: (inner) => cachedStorage(inner, store),
    names: (inner, label) => (offline ? namesWithMemory(inner, label, store) : inner),
  });
}
