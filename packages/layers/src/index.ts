// The entry `@remote-log/layers`: layers that run everywhere.

export { type CacheOptions, cache } from "./cache/index.ts";
export { type LastKnownName, lastKnownName } from "./cache/last-known.ts";
export { type MemoryCacheOptions, memoryCache } from "./cache/memory-cache.ts";
export { type Layer, stack } from "./layer.ts";
export { type LimitOptions, limit } from "./limit.ts";
export { type RetryOptions, retry } from "./retry.ts";
export type { TracedCall, TracedEnd, TracedError } from "./trace/observer.ts";
export { type TraceEvent, trace } from "./trace/trace.ts";
