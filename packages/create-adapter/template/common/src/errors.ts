import {
  ClosedError,
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  type RemoteLogErrorOptions,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";

/** What the statuses of the service mean. One that is not here means that no usable answer came. */
const failures: Readonly<
  Record<number, new (message: string, options: RemoteLogErrorOptions) => RemoteLogError>
> = {
  401: DeniedError,
  402: QuotaExhaustedError,
  403: DeniedError,
  507: QuotaExhaustedError,
};

/**
 * The error that a status of the service means. What 404 and 412 mean depends on the operation, so they are settled
 * there: "not found", "absent" or a conflict is said only where the service said so.
 *
 * @param operation - what was being done, as `subject.verb`
 * @param cause - what the client threw, where it threw
 */
export function failureOf(status: number, operation: string, cause?: unknown): RemoteLogError {
  const Failure = failures[status] ?? UnreachableError;
  return new Failure(`The service answered ${operation} with status ${status}.`, { operation, cause });
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
