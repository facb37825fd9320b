// The entry `@remote-log/layers/indexed-db`: a cache in the IndexedDB of a browser.

export { type IndexedDbCache, type IndexedDbCacheOptions, indexedDbCache } from "./indexed-db-cache.ts";
