// HMAC-SHA-256 (FIPS 198-1) of many short messages under one key.

import { HASH_BYTES, sha256 } from "./sha256.ts";

/** What a block of SHA-256 takes, in bytes. */
const BLOCK_BYTES = 64;

/**
 * HMAC-SHA-256 of messages of one length under one key of at most 64 bytes.
 *
 * Two hashes in a row over blocks that stay as they are: nothing is allocated, and the runtime's own SHA-256 does the work.
 */
export class HmacSha256 {
  /** The message: write it here before {@link HmacSha256.digest}. Zeros at first. */
  readonly message: Uint8Array;
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /** @param messageBytes - length of each message */
  constructor(key: Uint8Array, messageBytes: number) {
    this.#inner = padded(key, 0x36, messageBytes);
    this.#outer = padded(key, 0x5c, HASH_BYTES);
    this.message = this.#inner.subarray(BLOCK_BYTES);
  }

  /** The HMAC of what {@link HmacSha256.message} holds, 32 bytes: a new array. */
  digest(): Uint8Array {
    this.#outer.set(sha256(this.#inner), BLOCK_BYTES);
    return sha256(this.#outer);
  }
}

/** The block of the key, and room behind it. */
function padded(key: Uint8Array, mask: number, room: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES + room);
  bytes.set(key);
  for (let i = 0; i < BLOCK_BYTES; i++) bytes[i]! ^= mask;
  return bytes;
}
