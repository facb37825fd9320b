// What an answer of a service means, as an error: one word for each kind, and the map from HTTP's statuses.

import {
  DeniedError,
  InvalidInputError,
  QuotaExhaustedError,
  type RemoteLogError,
  type RetryVerdict,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "../errors/index.ts";
import { unknownOutcome } from "../errors/outcome.ts";
import type { OperationContext } from "./call.ts";

/**
 * What went wrong between an adapter and its service.
 *
 * | kind | when | error |
 * | --- | --- | --- |
 * | `"unreachable"` | no connection, cut off, 5xx, an answer that makes no sense | `ERR_UNREACHABLE` |
 * | `"busy"` | 429, 503, "slow down" | `ERR_UNREACHABLE` |
 * | `"timeout"` | the client's own time limit | `ERR_TIMEOUT` |
 * | `"denied"` | 401, 403, a wrong key or signature | `ERR_DENIED` |
 * | `"quota"` | 402, 507, a full disk, no credit | `ERR_QUOTA` |
 * | `"too-large"` | 413, a value over the limit of the service | `ERR_TOO_LARGE` |
 * | `"unsupported"` | 405, 501: the service can't do it | `ERR_UNSUPPORTED` |
 * | `"invalid"` | a setting is wrong: no such bucket, table or stream | `ERR_INVALID_INPUT` |
 */
export type FailureKind =
  | "unreachable"
  | "busy"
  | "timeout"
  | "denied"
  | "quota"
  | "too-large"
  | "unsupported"
  | "invalid";

/** Options of {@link failureOf}. */
export interface FailureOptions {
  /** What the client threw. It is kept as the cause: hand over nothing that holds a secret. */
  readonly cause?: unknown;
  /** What the service said of it, for people, without a full stop. `cleanText` makes a foreign text fit. */
  readonly detail?: string | undefined;
  /** What went wrong, as a clause without a full stop: `"there is no such bucket"`. Default: what the kind means. */
  readonly what?: string | undefined;
  /** What to do about it, as a sentence. Default: what is right for the kind. */
  readonly advice?: string | undefined;
  /** The limit that was exceeded, in bytes. Default: one byte less than was sent. */
  readonly limit?: number | undefined;
  /** Which case of the code this is, for callers who need to tell. */
  readonly reason?: string | undefined;
  /**
   * Whether a write may have taken effect all the same: `"none"` if the service refused it, or nothing was sent. The message says
   * so of an unknown outcome, and never of a read. Default: `"unknown"` for `"unreachable"` and `"timeout"`, else `"none"`.
   */
  readonly outcome?: "unknown" | "none" | undefined;
  /** Whether to try again, if not as the kind has it. */
  readonly retry?: RetryVerdict | undefined;
}

const MEANINGS: Readonly<Record<FailureKind, readonly [what: string, advice: string]>> = {
  unreachable: ["no usable answer came", "Check the network and the address of the service. Then try again."],
  busy: ["the service is busy", "Try again later, with fewer requests at once."],
  timeout: ["no answer came in time", "Try again, or allow more time."],
  denied: ["the service refused", "Check the credentials, and what they are allowed to do."],
  quota: ["the service has no room or no credit left", "Free some, then try again."],
  "too-large": ["it is larger than the service takes", "Lower `largestContent` to what it takes."],
  unsupported: ["the service can't do it", "Check that it is the service that this adapter is for."],
  invalid: ["the service can't be used as it was set up", "Check the settings of the adapter."],
};

/**
 * Makes the error that a kind of failure stands for: what failed, on what, why, and what to do.
 *
 * @param kind - what went wrong
 * @param context - what was being done
 * @example
 * ```ts
 * import { failureOf } from "@remote-log/core/adapter";
 *
 * const context = { operation: "storage.put", action: "storing a content at db.example" };
 * throw failureOf("quota", context, { cause: new Error("disk full"), detail: "code 53100" });
 * ```
 */
export function failureOf(
  kind: FailureKind,
  context: OperationContext,
  options: FailureOptions = {},
): RemoteLogError {
  const { cause, detail, limit, reason, retry } = options;
  const [meaning, usual] = MEANINGS[kind];
  const what = options.what ?? meaning;
  const { operation, action } = context;
  const begin = `${action.charAt(0).toUpperCase()}${action.slice(1)} failed`;
  const { outcome = kind === "unreachable" || kind === "timeout" ? "unknown" : "none" } = options;
  const unknown = outcome === "unknown" ? unknownOutcome(operation) : "";
  const said = detail === undefined ? "" : ` (${detail})`;
  const message = `${begin}${said}: ${what}.${unknown} ${options.advice ?? usual}`;
  const given = { operation, cause, reason, ...(retry !== undefined && { retry }) };
  switch (kind) {
    case "timeout":
      return new TimeoutError(message, given);
    case "denied":
      return new DeniedError(message, given);
    case "quota":
      return new QuotaExhaustedError(message, given);
    case "too-large":
      return new TooLargeError(message, { ...given, limit: limit ?? Math.max(0, (context.bytes ?? 1) - 1) });
    case "unsupported":
      return new UnsupportedError(message, given);
    case "invalid":
      return new InvalidInputError(message, given);
    default:
      return new UnreachableError(message, given);
  }
}

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "denied",
  402: "quota",
  403: "denied",
  405: "unsupported",
  407: "denied",
  408: "timeout",
  413: "too-large",
  429: "busy",
  501: "unsupported",
  503: "busy",
  504: "timeout",
  507: "quota",
};

/**
 * What an HTTP status means, if the service has no other words. 404, 409, 410 and 412 are answers in the right place; here
 * they are `"unreachable"`, as is everything that is not in the table.
 */
export function kindOfStatus(status: number): FailureKind {
  return KIND_OF_STATUS[status] ?? "unreachable";
}
