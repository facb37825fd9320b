// What all errors have in common: a stable code, the operation, and whether to try again.

/**
 * Whether the same call may be made again.
 *
 * - `"never"`: it will fail again until something is changed.
 * - `"safe"`: repeating it may succeed and does no harm.
 * - `"exhausted"`: it was already repeated, and still failed.
 */
export type RetryVerdict = "never" | "safe" | "exhausted";

/** What every error of this project carries besides its message. */
export interface RemoteLogErrorOptions {
  /** What was being done, as `subject.verb`: `"storage.get"`, `"writer.append"`. */
  readonly operation: string;
  /** Whether to try again; each class has its own default. */
  readonly retry?: RetryVerdict | undefined;
  /** Which case of the code this is, as a stable word in kebab-case: `"batch-expired"`. Default: none. */
  readonly reason?: string | undefined;
  /** How long the service asked to be left alone, in milliseconds (`Retry-After`). Default: it did not say. */
  readonly retryAfterMilliseconds?: number | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for("remote-log.error") as never;

/**
 * The base class of every error that this project throws on purpose.
 *
 * Codes are stable across major versions, messages are not. An abort is never one of these: it stays the
 * `AbortError` (or whatever reason the signal was given).
 */
export class RemoteLogError extends Error {
  override readonly name: string = "RemoteLogError";
  /** Stable identifier of the kind of failure, such as `"ERR_NOT_FOUND"`. */
  readonly code: string;
  /** What was being done, as `subject.verb`. */
  readonly operation: string;
  /** Whether the same call may be made again. */
  readonly retry: RetryVerdict;
  /**
   * Which case of the code this is, if callers need to tell cases apart: a stable word in kebab-case, such as
   * `"batch-expired"`, that the thrower documents. Decide by this and by the code, never by the message.
   */
  readonly reason?: string;
  /** How long the service asked to be left alone, in milliseconds; absent if it did not say. */
  readonly retryAfterMilliseconds?: number;
  /** How often the request was made before this error was thrown, if more than once. */
  readonly tries?: number;

  /**
   * @param code - stable identifier, `ERR_` and capitals
   * @param message - what failed, on what, why, and what to do; never a secret
   * @param options - the operation, the verdict on retrying (default `"never"`), the reason, the service's own wait, the cause
   */
  constructor(code: string, message: string, options: RemoteLogErrorOptions) {
    super(message);
    // Not by the option of `Error`, which older runtimes do not know.
    if (options.cause !== undefined) {
      Object.defineProperty(this, "cause", { value: options.cause, configurable: true, writable: true });
    }
    this.code = code;
    this.operation = options.operation;
    this.retry = options.retry ?? "never";
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.retryAfterMilliseconds !== undefined) {
      this.retryAfterMilliseconds = options.retryAfterMilliseconds;
    }
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether a value is an error of this project, even if two copies of the package are loaded.
 *
 * @example
 * ```ts
 * import { isRemoteLogError, parseLink } from "@remote-log/core";
 *
 * try {
 *   parseLink("no link");
 * } catch (error) {
 *   if (!isRemoteLogError(error)) throw error;
 *   console.log(error.code, error.retry); // ERR_INVALID_INPUT never
 * }
 * ```
 */
export function isRemoteLogError(value: unknown): value is RemoteLogError {
  return value instanceof Error && brand in value;
}

/**
 * Whether a value is an error of this project with one of some codes. Unlike `instanceof`, this also knows the errors of
 * another copy of the package: an adapter that brings its own throws those.
 *
 * @example
 * ```ts
 * import { hasCode, parseLink } from "@remote-log/core";
 *
 * try {
 *   parseLink("no link");
 * } catch (error) {
 *   if (!hasCode(error, "ERR_INVALID_INPUT", "ERR_MALFORMED")) throw error;
 * }
 * ```
 */
export function hasCode(value: unknown, ...codes: readonly string[]): value is RemoteLogError {
  return isRemoteLogError(value) && codes.includes(value.code);
}
