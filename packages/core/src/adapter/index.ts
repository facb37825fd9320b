// What adapters need again and again, for those who write one: the entry `@remote-log/core/adapter`.

export { abortable, delay, withSignals } from "../abort.ts";
export { bytesEqual } from "../bytes.ts";
export { type DeadlineOptions, withDeadline } from "../deadline.ts";
export { checkWhole, type WholeRange } from "./check-whole.ts";
export { cleanText } from "./clean-text.ts";
export { type Fetch, HttpFailure, type HttpRequest, sendRequest } from "./http.ts";
export { Lifetime, type LifetimeOptions, type OperationContext } from "./lifetime.ts";
export { discardBody, type ReadBodyOptions, readBody } from "./read-body.ts";
export { Turns } from "./turns.ts";
