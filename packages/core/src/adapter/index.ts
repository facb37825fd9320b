// What the author of an adapter needs: the entry `@remote-log/core/adapter`.

// The shell: a driver becomes a storage, a resolver, or a whole remote.
export type { Call, OperationContext } from "./call.ts";
export {
  type AddressMethod,
  type DefinedStorage,
  defineStorage,
  lifetimeOf,
  type StorageShell,
  storageShell,
} from "./define-storage.ts";
export { type CallLimits, type LimitedMethod, limitCalls, type StorageLimits } from "./limit-calls.ts";
export type { Driver, ReadOnlyStorageDriver, StorageDriver } from "./storage-driver.ts";
export {
  type DefinedNames,
  defineNames,
  type NameMethod,
  type NamesShell,
  nameConflict,
  namesShell,
  shownName,
} from "./define-names.ts";
export type {
  ChangeListener,
  NameDriver,
  ReadOnlyNameDriver,
  ResolveRequest,
  Unsubscribe,
  Watch,
} from "./name-driver.ts";
export { watchBySubscribing } from "./watch-changes.ts";
export { defineKeyValue, type KeyValueRemote } from "./define-key-value.ts";
export type { KeyValue, KeyValueDriver, KeyValueRead, KeyValueStore } from "./key-value-driver.ts";
export { type Interruption, Lifetime, type LifetimeOptions } from "./lifetime.ts";

// What an answer of a service means.
export { type ConnectionReason, connectionFailure } from "./connection-failure.ts";
export { type FailureKind, type FailureOptions, failureOf, kindOfStatus } from "./failure.ts";
export { byThisClock } from "./this-clock.ts";

// Names as keys, and services with connections.
export { hashedName } from "./name-key.ts";
export { type ConnectionOptions, SharedConnection } from "./shared-connection.ts";

// HTTP.
export {
  type Fetch,
  fetchAnyReply,
  fetchReply,
  HttpFailure,
  type HttpRequest,
  isPassingRedirect,
  redirectAdvice,
  sendRequest,
  withoutHeaderValues,
} from "./http.ts";
export { type RangeAnswer, type ReadRangeOptions, rangeHeader, readRange } from "./http-range.ts";
export { parseRetryAfter } from "./retry-after.ts";
export { type BodyLike, discardBody, type ReadBodyOptions, readBody } from "./read-body.ts";
export { type ReadErrorTextOptions, readErrorText } from "./read-error-text.ts";
export { isWebPage, webPageCame } from "../errors/web-page.ts";
export { unknownOutcome } from "../errors/outcome.ts";

// Concurrency.
export { type DeadlineOptions, withDeadline } from "../async/deadline.ts";
export { type HedgeOptions, hedge } from "../async/hedge.ts";
export { News } from "../async/news.ts";
export { onOnline } from "../async/online.ts";
export {
  mayPass,
  type Retry,
  RetryBudget,
  type RetryBudgetOptions,
  type RunOptions,
} from "../async/retry.ts";
export { Semaphore } from "../async/semaphore.ts";
export {
  type AnySignal,
  abortReason,
  abortWith,
  anySignal,
  delay,
  onAbort,
  raceSignal,
  throwIfAborted,
  withAnySignal,
} from "../async/signals.ts";
export { SingleFlight } from "../async/single-flight.ts";
export { failFast, TaskGroup } from "../async/task-group.ts";

// Bytes, numbers, texts, hashes.
export { bytesEqual, concatBytes, lastOf } from "../bytes.ts";
export { encodeBase64 } from "../checkpoint/base64.ts";
export { sha256 } from "../crypto/sha256.ts";
export { decodeUtf8, decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
export { checkSize } from "./check-arguments.ts";
export { checkWhole, type WholeRange } from "./check-whole.ts";
export { checkArgument, checkOptionTypes } from "../options/check-option-types.ts";
export type { OptionKind } from "../options/option-kinds.ts";
export * as optionKinds from "../options/option-kinds.ts";
export { cleanText } from "./clean-text.ts";

// What not every runtime has.
export { monotonicNow, startTimer, stopTimer, type Timer, timeNow } from "../runtime/clock.ts";
export { type RuntimeFeature, requireHttp, requireRuntime } from "../runtime/features.ts";
export { parseUrl } from "../runtime/parse-url.ts";
export { random, randomBytes } from "../runtime/random.ts";
