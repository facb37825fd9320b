// What adapters need again and again, for those who write one: the entry `@remote-log/core/adapter`.

// Concurrency.
export { type DeadlineOptions, withDeadline } from "../async/deadline.ts";
export { type HedgeOptions, hedge } from "../async/hedge.ts";
export { Semaphore } from "../async/semaphore.ts";
export { type AnySignal, anySignal, delay, onAbort, raceSignal, withAnySignal } from "../async/signals.ts";
export { SingleFlight } from "../async/single-flight.ts";
export { failFast, TaskGroup } from "../async/task-group.ts";
// Bytes, numbers, texts.
export { bytesEqual } from "../bytes.ts";
export { checkWhole, type WholeRange } from "./check-whole.ts";
export { cleanText } from "./clean-text.ts";
// HTTP.
export { type Fetch, HttpFailure, type HttpRequest, sendRequest } from "./http.ts";
// The shell.
export { Lifetime, type LifetimeOptions, type OperationContext } from "./lifetime.ts";
export { discardBody, type ReadBodyOptions, readBody } from "./read-body.ts";
