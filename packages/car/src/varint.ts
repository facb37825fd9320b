// Lengths in a CAR file: varints, seven bits a byte, the lowest first.

import { MalformedError } from "@remote-log/core";

/** The most bytes of a length: those of the largest whole number. */
export const LONGEST_LENGTH = 8;

/** A length as bytes. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/**
 * Reads a length.
 *
 * @returns its value, and where the next byte is
 * @throws MalformedError `ERR_MALFORMED` if it is cut off, too large, or not in its shortest form
 */
export function readLength(
  bytes: Uint8Array,
  offset: number,
): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < LONGEST_LENGTH; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw malformed("the file ends within it", "cut-short");
    value += (byte % 128) * 128 ** i;
    if (byte >= 128) continue;
    if (byte === 0 && i > 0) throw malformed("it is not in its shortest form", "not-a-car");
    if (!Number.isSafeInteger(value)) break;
    return { value, end: offset + i + 1 };
  }
  throw malformed("it is too large", "not-a-car");
}

function malformed(why: string, reason: string): MalformedError {
  return new MalformedError(`A length in the CAR file can't be read: ${why}.`, {
    operation: "car.open",
    reason,
  });
}
