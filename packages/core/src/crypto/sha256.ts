import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** Length of a SHA-256 digest, in bytes. */
export const HASH_BYTES = 32;

/** SHA-256 (FIPS 180-4). */
export function sha256(content: Uint8Array): Uint8Array {
  return nobleSha256(content);
}
