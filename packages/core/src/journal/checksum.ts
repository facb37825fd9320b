// A checksum of every record, against damage on disk.

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";

/** How much of the SHA-256 is kept with each value: enough to notice damage, which is its only purpose. */
const CHECKSUM_BYTES = 8;

/** Up to this length in bytes, key and value are put into the same memory again and again to be hashed. */
const SHORT_BYTES = 2048;
const room = new Uint8Array(SHORT_BYTES);

/**
 * A value as the journal's database holds it: followed by a checksum of its key and itself.
 *
 * @param value - in parts that are joined
 */
export function withChecksum(key: Uint8Array, ...value: readonly Uint8Array[]): Uint8Array {
  let end = key.length;
  for (const part of value) end += part.length;
  const joined = end <= SHORT_BYTES ? room : new Uint8Array(end);
  joined.set(key);
  let at = key.length;
  for (const part of value) {
    joined.set(part, at);
    at += part.length;
  }
  const length = end - key.length;
  const stored = new Uint8Array(length + CHECKSUM_BYTES);
  stored.set(joined.subarray(key.length, end));
  const digest = sha256(joined.subarray(0, end));
  for (let i = 0; i < CHECKSUM_BYTES; i++) stored[length + i] = digest[i]!;
  return stored;
}

/** The value that was stored under a key, or `undefined` if it is damaged or belongs to another key. */
export function withoutChecksum(key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
  const end = stored.length - CHECKSUM_BYTES;
  if (end < 0) return undefined;
  const value = stored.subarray(0, end);
  return bytesEqual(checksum(key, value), stored.subarray(end)) ? value : undefined;
}

function checksum(key: Uint8Array, value: Uint8Array): Uint8Array {
  const length = key.length + value.length;
  const joined = length <= SHORT_BYTES ? room.subarray(0, length) : new Uint8Array(length);
  joined.set(key);
  joined.set(value, key.length);
  return sha256(joined).subarray(0, CHECKSUM_BYTES);
}
