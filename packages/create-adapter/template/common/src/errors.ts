import {
  ClosedError,
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  type RemoteLogErrorOptions,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { type Reply, SENDER } from "./client.ts";

/** Options of {@link failureOf}. */
export interface FailureOptions extends RemoteLogErrorOptions {
  /** The most bytes that this operation may write or read: the limit of an `ERR_TOO_LARGE`. */
  readonly limit: number;
}

/** What the statuses of the service mean. One that is not here means that no usable answer came. */
const failures: Readonly<Record<number, new (message: string, options: FailureOptions) => RemoteLogError>> = {
  401: DeniedError,
  402: QuotaExhaustedError,
  403: DeniedError,
  413: TooLargeError,
  429: UnreachableError, // Busy: the core waits, and tries again by itself.
  507: QuotaExhaustedError,
};

/**
 * The answer, where it is from the service. A proxy, or a network that wants a login, answers in its place, with 200 or
 * 404 as it likes: that is `ERR_UNREACHABLE`. A refusal of the table is taken from anyone: it claims nothing of what the
 * service holds.
 */
export function fromService(reply: Reply, operation: string): Reply {
  if (reply.sender === SENDER || reply.status in failures) return reply;
  const message = `What answered ${operation} with status ${reply.status} is not the service.`;
  throw new UnreachableError(message, { operation });
}

/**
 * The error that a status of the service means. What 404 and 412 mean depends on the operation, so they are settled
 * there: "not found", "absent" or a conflict is said only where the service said so.
 *
 * @param options - what was being done, the limit that applies, and what the client threw, where it threw
 */
export function failureOf(status: number, options: FailureOptions): RemoteLogError {
  const Failure = failures[status] ?? UnreachableError;
  return new Failure(`The service answered ${options.operation} with status ${status}.`, options);
}

/** Refuses to work for a caller who gave up (the signal's own reason) or after `close` (`ERR_CLOSED`). */
export function checkUsable(closed: boolean, operation: string, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  if (closed) throw new ClosedError(`${operation} can't be done: the adapter was closed.`, { operation });
}

/** Refuses more bytes than a limit: `ERR_TOO_LARGE`. */
export function checkSize(size: number, limit: number, operation: string): void {
  if (size <= limit) return;
  throw new TooLargeError(`A content of ${size} bytes is over the limit of ${limit}.`, { operation, limit });
}
