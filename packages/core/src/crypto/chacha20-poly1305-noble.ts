// ChaCha20-Poly1305 (RFC 8439, section 2.8), put together from the library's ChaCha20 and Poly1305.
//
// The library has it whole as well. Like this, a message takes one run of each in memory that stays, where the library takes two
// runs and a dozen arrays: 40 % less time for the short messages that most entries are (bench/README.md).

import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { equalBytes } from "@noble/ciphers/utils.js";
import { ASSOCIATED_BYTES, type ChaCha20Poly1305, type SealedWith, TAG_BYTES } from "./chacha20-poly1305.ts";

/** The key of Poly1305: the first half of the first block of the key stream, which is what zeros are encrypted to. */
const TAG_KEY_BYTES = 32;
/**
 * The message begins at the second block, where it is encrypted. Nobody uses the second half of the first: the associated
 * data stands there, so that Poly1305 reads in one piece.
 */
const MESSAGE_AT: number = TAG_KEY_BYTES + ASSOCIATED_BYTES;
/** What Poly1305 takes in at once, and the two lengths that it takes in at the end. */
const TAG_BLOCK_BYTES = 16;

/** Messages up to this length, in bytes, are worked on in the same memory again and again. */
const SHORT_BYTES = 4096;

/** A message, and what stands before and behind it: as ChaCha20 gets it, and as it leaves it. */
interface Room {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

const shortRoom = roomOf(SHORT_BYTES);

/** ChaCha20-Poly1305 for every runtime. */
export const portableChaCha20Poly1305: ChaCha20Poly1305 = {
  seal([content, padding], parameters, sealed) {
    const length = content.length + padding.length;
    const room = length <= SHORT_BYTES ? shortRoom : roomOf(length);
    room.before.set(content, MESSAGE_AT);
    room.before.set(padding, MESSAGE_AT + content.length);
    encrypt(room, length, parameters);
    sealed.set(room.after.subarray(MESSAGE_AT, MESSAGE_AT + length));
    sealed.set(tagOf(room.after, length, room, parameters), length);
  },
  open(sealed, parameters) {
    const length = sealed.length - TAG_BYTES;
    const room = length <= SHORT_BYTES ? shortRoom : roomOf(length);
    room.before.set(sealed.subarray(0, length), MESSAGE_AT);
    encrypt(room, length, parameters);
    // Nobody sees what was decrypted before this holds.
    if (!equalBytes(tagOf(room.before, length, room, parameters), sealed.subarray(length)))
      throw new Error("The tag does not belong to the message.");
    return room.after.subarray(MESSAGE_AT, MESSAGE_AT + length);
  },
};

/** Encrypts, or decrypts: that is the same. The first block makes the key of the tag. */
function encrypt({ before, after }: Room, length: number, { key, nonce }: SealedWith): void {
  const end = MESSAGE_AT + length;
  chacha20(key, nonce, before.subarray(0, end), after.subarray(0, end));
}

/**
 * The tag of a message. Its key is not left behind.
 *
 * @param encrypted - the memory of the two that holds the message encrypted
 */
function tagOf(
  encrypted: Uint8Array,
  length: number,
  { after }: Room,
  { associated }: SealedWith,
): Uint8Array {
  const end = MESSAGE_AT + length;
  const padded = paddedEnd(length);
  encrypted.set(associated, TAG_KEY_BYTES);
  // What a longer message left there.
  encrypted.fill(0, end, padded + TAG_BLOCK_BYTES);
  const lengths = new DataView(encrypted.buffer, padded, TAG_BLOCK_BYTES);
  lengths.setUint32(0, ASSOCIATED_BYTES, true);
  lengths.setUint32(8, length, true);
  const tagKey = after.subarray(0, TAG_KEY_BYTES);
  const tag = poly1305(encrypted.subarray(TAG_KEY_BYTES, padded + TAG_BLOCK_BYTES), tagKey);
  tagKey.fill(0);
  return tag;
}

function roomOf(message: number): Room {
  const bytes = paddedEnd(message) + TAG_BLOCK_BYTES;
  return { before: new Uint8Array(bytes), after: new Uint8Array(bytes) };
}

/** Where a message ends that is filled up to whole blocks of Poly1305. */
function paddedEnd(message: number): number {
  return MESSAGE_AT + Math.ceil(message / TAG_BLOCK_BYTES) * TAG_BLOCK_BYTES;
}
