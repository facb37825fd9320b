// What the adapter refuses.

import { type ByteRange, ClosedError, InvalidInputError, TooLargeError } from "@remote-log/core";
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

/** Refuses a range that is none, or has no byte (`ERR_INVALID_INPUT`), and one of more bytes than a limit (`ERR_TOO_LARGE`). */
export function checkRange(range: ByteRange | undefined, limit: number, operation: string): void {
  if (range === undefined) return;
  const { offset, length } = range;
  const end = offset + length;
  if (![offset, length, end].every(Number.isSafeInteger) || offset < 0 || length < 1) {
    throw new InvalidInputError("`range` must have an offset from 0 and a length from 1, both whole.", {
      operation,
    });
  }
  checkSize(length, limit, operation);
}
