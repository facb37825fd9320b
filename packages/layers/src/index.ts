// The entry `@remote-log/layers`: layers that run everywhere.

export { type Layer, stack } from "./layer.ts";
export { type LimitOptions, limit } from "./limit.ts";
export { type RetryOptions, retry } from "./retry.ts";
