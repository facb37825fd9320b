// CBOR from other devices: definite lengths, no floats, no tags, no key twice.

import { MalformedError } from "@remote-log/core";
import { decode, encode } from "cborg";

const strictly = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowNaN: false,
  allowInfinity: false,
  rejectDuplicateMapKeys: true,
} as const;

/** Encodes numbers, texts, bytes, lists and maps of these. */
export function encodeStrictly(value: unknown): Uint8Array {
  return encode(value);
}

/**
 * Decodes what {@link encodeStrictly} made.
 *
 * @param what - what it is, for the error
 * @throws MalformedError `ERR_MALFORMED` if it is no CBOR, or has something after it
 */
export function decodeStrictly(bytes: Uint8Array, what: string): unknown {
  try {
    return decode(bytes, strictly);
  } catch (cause) {
    throw new MalformedError(`${what} is no CBOR.`, { operation: "group.decode", cause });
  }
}
