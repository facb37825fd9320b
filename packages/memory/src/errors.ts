// What the adapter refuses.

import { ClosedError, TooLargeError } from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";

/** Refuses to work for a caller who gave up (the signal's own reason) or after `close` (`ERR_CLOSED`). */
export function checkUsable(closed: boolean, operation: string, signal: AbortSignal | undefined): void {
  throwIfAborted(signal);
  if (closed)
    throw new ClosedError(`${operation} can't be done: this memory adapter was closed.`, { operation });
}

/** Refuses more bytes than a limit: `ERR_TOO_LARGE`. */
export function checkSize(size: number, limit: number | undefined, operation: string): void {
  if (limit === undefined || size <= limit) return;
  throw new TooLargeError(`A content of ${size} bytes is over the limit of ${limit} bytes.`, {
    operation,
    limit,
  });
}
