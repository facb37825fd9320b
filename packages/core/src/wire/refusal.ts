// The two errors by which decoders and encoders refuse a value.

import { InvalidInputError, MalformedError } from "../errors/index.ts";

/**
 * Makes the error that refuses a value. Reading and writing share their rules and differ only in this:
 * {@link malformed} blames bytes from outside, {@link invalid} the caller.
 */
export type Refuse = (what: string, why: string) => Error;

/** `ERR_MALFORMED`, for bytes that can't be decoded: `malformed("field tail of message RemoteLog", "has …")`. */
export function malformed(what: string, why: string): MalformedError {
  return new MalformedError(`The ${what} ${why}.`, { operation: "wire.decode" });
}

/** `ERR_INVALID_INPUT`, for a value that can't be encoded. */
export function invalid(what: string, why: string): InvalidInputError {
  return new InvalidInputError(`The ${what} ${why}.`, { operation: "wire.encode" });
}

/** Names a field in an error. */
export function fieldOf(message: string, field: string): string {
  return `field ${field} of message ${message}`;
}
