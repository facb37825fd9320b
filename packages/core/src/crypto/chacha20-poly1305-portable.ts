// ChaCha20-Poly1305 (RFC 8439, section 2.8) for every runtime, put together from a library's ChaCha20 and Poly1305.
//
// The library has it whole as well. Like this, a message takes one run of each, in memory that stays: a quarter less time for the
// short messages that most entries are (docs/decisions/0006-the-runtimes-own-crypto.md).

import { equalBytes } from "@noble/ciphers/utils.js";
import { streamXOR } from "@stablelib/chacha";
import { Poly1305 } from "@stablelib/poly1305";
import { ASSOCIATED_BYTES, type ChaCha20Poly1305, type SealedWith, TAG_BYTES } from "./chacha20-poly1305.ts";

/**
 * The message begins at the second block, where it is encrypted. The first half of the first block of the key stream is the key of
 * Poly1305, and nobody uses the second.
 */
const MESSAGE_AT = 64;
const TAG_KEY_BYTES = 32;
/** What Poly1305 takes in at once, and the two lengths that it takes in at the end. */
const TAG_BLOCK_BYTES = 16;
const COUNTER_BYTES = 4;

/** Messages up to this length, in bytes, are worked on in the same memory again and again. */
const SHORT_BYTES = 4096;

const shortRoom = roomOf(SHORT_BYTES);
const countedNonce = new Uint8Array(COUNTER_BYTES + 12);
const noBytes = new Uint8Array(TAG_BLOCK_BYTES);
const lengths = new Uint8Array(TAG_BLOCK_BYTES);
const lengthsView = new DataView(lengths.buffer);
const tag = new Uint8Array(TAG_BYTES);

/** ChaCha20-Poly1305 for every runtime. */
export const portableChaCha20Poly1305: ChaCha20Poly1305 = {
  seal([content, padding], parameters, sealed) {
    const length = content.length + padding.length;
    const room = length <= SHORT_BYTES ? shortRoom : roomOf(length);
    room.set(content, MESSAGE_AT);
    room.set(padding, MESSAGE_AT + content.length);
    encrypt(room, length, parameters);
    const encrypted = room.subarray(MESSAGE_AT, MESSAGE_AT + length);
    makeTag(room, encrypted, parameters);
    sealed.set(encrypted);
    sealed.set(tag, length);
  },
  open(sealed, parameters) {
    const length = sealed.length - TAG_BYTES;
    const encrypted = sealed.subarray(0, length);
    const room = length <= SHORT_BYTES ? shortRoom : roomOf(length);
    room.set(encrypted, MESSAGE_AT);
    encrypt(room, length, parameters);
    makeTag(room, encrypted, parameters);
    // Nobody sees what was decrypted before this holds.
    if (!equalBytes(tag, sealed.subarray(length))) throw new Error("The tag does not belong to the message.");
    return room.subarray(MESSAGE_AT, MESSAGE_AT + length);
  },
};

/** Encrypts the message in a room, or decrypts it: that is the same. The zeros before it become the key of the tag. */
function encrypt(room: Uint8Array, length: number, { key, nonce }: SealedWith): void {
  // The library counts blocks in the first bytes.
  countedNonce.fill(0, 0, COUNTER_BYTES);
  countedNonce.set(nonce, COUNTER_BYTES);
  const all = room.subarray(0, MESSAGE_AT + length);
  streamXOR(key, countedNonce, all, all, COUNTER_BYTES);
}

/** Makes the tag of an encrypted message, with the key that the room holds, and leaves zeros in its place. */
function makeTag(room: Uint8Array, encrypted: Uint8Array, { associated }: SealedWith): void {
  const { length } = encrypted;
  const key = room.subarray(0, TAG_KEY_BYTES);
  const poly1305 = new Poly1305(key);
  poly1305.update(associated);
  poly1305.update(encrypted);
  const rest = length % TAG_BLOCK_BYTES;
  if (rest > 0) poly1305.update(noBytes.subarray(rest));
  lengthsView.setUint32(0, ASSOCIATED_BYTES, true);
  lengthsView.setUint32(8, length, true);
  poly1305.update(lengths);
  poly1305.finish(tag);
  poly1305.clean();
  key.fill(0);
}

function roomOf(message: number): Uint8Array {
  return new Uint8Array(MESSAGE_AT + message);
}
