// Unsigned LEB128 varints, as Protocol Buffers and CIDs use them, in their shortest form only.

import { InvalidInputError, MalformedError } from "../errors/index.ts";

/**
 * Reads an unsigned LEB128 varint of at most 53 bits, in its shortest form only, so that a value has exactly
 * one encoding.
 *
 * @param what - names the thing being read, for the error
 * @param limit - where it must have ended, if not at the end of the bytes
 * @returns the value, and the offset of the byte after it
 * @throws MalformedError `ERR_MALFORMED` if it is cut short, over-long, or not in its shortest form
 */
export function readVarint(
  bytes: Uint8Array,
  offset: number,
  what: string,
  limit: number = bytes.length,
): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let end = offset; end < limit; end++) {
    const byte = bytes[end]!;
    value += (byte & 0x7f) * scale;
    if (value > Number.MAX_SAFE_INTEGER) throw malformed(what, "holds a number over 2^53 - 1");
    if (byte < 0x80) {
      if (byte === 0 && end > offset)
        throw malformed(what, "holds a number that is not in its shortest form");
      return { value, end: end + 1 };
    }
    scale *= 128;
    if (end - offset >= 7) throw malformed(what, "holds a number over 2^53 - 1");
  }
  throw malformed(what, "ends within a number");
}

/**
 * The varint of a whole number from 0 to 2^53 − 1.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other number
 */
export function varintBytes(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidInputError(`A number from 0 to 2^53 - 1 is needed, not ${value}.`, {
      operation: "wire.encode",
    });
  }
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function malformed(what: string, why: string): MalformedError {
  return new MalformedError(`The ${what} ${why}.`, { operation: "wire.decode" });
}
