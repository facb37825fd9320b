// What can go wrong between this process and a CAS or NS. Adapters map their client's failures to these.

import { RemoteLogError, type RemoteLogErrorOptions } from "./remote-log-error.ts";

/** `ERR_NOT_FOUND`: the backend answered that it does not have what was asked for. */
export class NotFoundError extends RemoteLogError {
  override readonly name = "NotFoundError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_NOT_FOUND", message, options);
  }
}

/** `ERR_UNREACHABLE`: no usable answer came (network, 5xx, no peers). Of a write, the outcome is unknown then. */
export class UnreachableError extends RemoteLogError {
  override readonly name = "UnreachableError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_UNREACHABLE", message, { retry: "safe", ...options });
  }
}

/** `ERR_TIMEOUT`: no answer within the time allowed. The outcome of a write is unknown. */
export class TimeoutError extends RemoteLogError {
  override readonly name = "TimeoutError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_TIMEOUT", message, { retry: "safe", ...options });
  }
}

/** `ERR_DENIED`: the backend refused for lack of permission (401, 403, EACCES). */
export class DeniedError extends RemoteLogError {
  override readonly name = "DeniedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_DENIED", message, options);
  }
}

/** `ERR_QUOTA`: the backend has no room or no credit left (402, 507, ENOSPC, an exhausted postage batch). */
export class QuotaExhaustedError extends RemoteLogError {
  override readonly name = "QuotaExhaustedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_QUOTA", message, options);
  }
}

/**
 * `ERR_TOO_LARGE`: more bytes than the limit that applies; when reading, no more than the limit was read. From `append`, with
 * the reason `"log-full"`: the log has as many entries as it can hold; with `"manifest-full"`: its manifest has as many versions
 * as there can be.
 */
export class TooLargeError extends RemoteLogError {
  override readonly name = "TooLargeError";
  /** The limit, in bytes; with the reason `"log-full"`, in entries; with `"manifest-full"`, in versions. */
  readonly limit: number;
  constructor(message: string, options: RemoteLogErrorOptions & { readonly limit: number }) {
    super("ERR_TOO_LARGE", message, options);
    this.limit = options.limit;
  }
}

/** `ERR_UNSUPPORTED`: the backend, the runtime or this version cannot do what was asked; nothing was sent. */
export class UnsupportedError extends RemoteLogError {
  override readonly name = "UnsupportedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_UNSUPPORTED", message, options);
  }
}

/**
 * `ERR_NAME_CONFLICT`: a name did not hold the revision that an update expected, and was left unchanged.
 * A resolver throws it; what it means (a second device, or our own earlier write) the writer settles by reading back.
 */
export class NameConflictError extends RemoteLogError {
  override readonly name = "NameConflictError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_NAME_CONFLICT", message, options);
  }
}

/**
 * `ERR_REMOTE_CHANGED`: a remote is not what this writer left behind. The `reason` says how:
 *
 * - `"gone"`: the place itself is not there: a drive that is not mounted, a folder that was removed or is empty, another path.
 *   Nothing was made anew. Bring it back, or call `repair()`, which makes it anew from the journal.
 * - `"not-kept"`: it acknowledged objects, does not show them, and did not keep them when they were sent a second time.
 */
export class RemoteChangedError extends RemoteLogError {
  override readonly name = "RemoteChangedError";
  constructor(message: string, options: RemoteLogErrorOptions & { readonly reason: "gone" | "not-kept" }) {
    super("ERR_REMOTE_CHANGED", message, options);
  }
}

/** `ERR_INVALID_INPUT`: an argument or an option is of a wrong type, or cannot be used; nothing was changed. */
export class InvalidInputError extends RemoteLogError {
  override readonly name = "InvalidInputError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_INVALID_INPUT", message, options);
  }
}

/** `ERR_CLOSED`: the object was closed. */
export class ClosedError extends RemoteLogError {
  override readonly name = "ClosedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_CLOSED", message, options);
  }
}
