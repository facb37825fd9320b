// A checksum of every record, against damage on disk.

import { bytesEqual, concatBytes } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";

/** How much of the SHA-256 is kept with each value: enough to notice damage, which is its only purpose. */
const CHECKSUM_BYTES = 8;

/** A value as the journal's database holds it: followed by a checksum of its key and itself. */
export function withChecksum(key: Uint8Array, value: Uint8Array): Uint8Array {
  const stored = new Uint8Array(value.length + CHECKSUM_BYTES);
  stored.set(value);
  stored.set(checksum(key, value), value.length);
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
  return sha256(concatBytes([key, value])).subarray(0, CHECKSUM_BYTES);
}
