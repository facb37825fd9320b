// ChaCha20-Poly1305 (RFC 8439, section 2.8) in JavaScript, for every runtime.

import { BLOCK_BYTES, beginKeyStream, encryptBlocks } from "./chacha20.ts";
import { ASSOCIATED_BYTES, type ChaCha20Poly1305, type SealedWith, TAG_BYTES } from "./chacha20-poly1305.ts";
import { POLY1305_BYTES, POLY1305_KEY_BYTES, poly1305 } from "./poly1305.ts";

/**
 * The message begins at the second block, where it is encrypted. The first half of the first block of the key stream is the key of
 * Poly1305, and nobody uses the second: the associated data stands there, so that Poly1305 reads in one piece.
 */
const MESSAGE_AT: number = BLOCK_BYTES;

/** Messages up to this length, in bytes, are worked on in the same memory again and again. */
const SHORT_BYTES = 4096;

/** Where a message is encrypted and decrypted, in two views. */
interface Room {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const shortRoom = roomOf(SHORT_BYTES);

/** ChaCha20-Poly1305 for every runtime. */
export const portableChaCha20Poly1305: ChaCha20Poly1305 = {
  seal([content, padding], parameters, sealed) {
    const length = content.length + padding.length;
    const room = begin(length, parameters);
    const { bytes } = room;
    bytes.set(content, MESSAGE_AT);
    bytes.set(padding, MESSAGE_AT + content.length);
    encrypt(room, length);
    makeTag(room, length, parameters);
    sealed.set(bytes.subarray(MESSAGE_AT, MESSAGE_AT + length));
    sealed.set(bytes.subarray(0, TAG_BYTES), length);
  },
  open(sealed, parameters) {
    const length = sealed.length - TAG_BYTES;
    if (length < 0) throw new Error("What is sealed is longer.");
    const room = begin(length, parameters);
    const { bytes } = room;
    bytes.set(sealed.subarray(0, length), MESSAGE_AT);
    makeTag(room, length, parameters);
    let different = 0;
    for (let i = 0; i < TAG_BYTES; i++) different |= bytes[i]! ^ sealed[length + i]!;
    // Nothing is decrypted before this holds.
    if (different !== 0) throw new Error("The tag does not belong to the message.");
    encrypt(room, length);
    return bytes.subarray(MESSAGE_AT, MESSAGE_AT + length);
  },
};

/** Begins the key stream of a message, in a room that begins with the key of its tag. */
function begin(length: number, { key, nonce }: SealedWith): Room {
  const room = length <= SHORT_BYTES ? shortRoom : roomOf(length);
  beginKeyStream(key, nonce);
  room.bytes.fill(0, 0, POLY1305_KEY_BYTES);
  encryptBlocks(room.view, 0, 1);
  return room;
}

/** Encrypts the message in a room, or decrypts it: that is the same. What stands behind it is lost. */
function encrypt({ view }: Room, length: number): void {
  encryptBlocks(view, 1, 1 + Math.ceil(length / BLOCK_BYTES));
}

/** Puts the tag of the encrypted message in a room in the place of its key. */
function makeTag({ bytes, view }: Room, length: number, { associated }: SealedWith): void {
  const end = MESSAGE_AT + length;
  const padded = MESSAGE_AT + Math.ceil(length / POLY1305_BYTES) * POLY1305_BYTES;
  bytes.set(associated, POLY1305_KEY_BYTES);
  // Also what a longer message left there.
  bytes.fill(0, end, padded + POLY1305_BYTES);
  view.setUint32(padded, ASSOCIATED_BYTES, true);
  view.setUint32(padded + 8, length, true);
  poly1305(view, padded + POLY1305_BYTES);
}

function roomOf(message: number): Room {
  // Whole blocks are encrypted, and the lengths of both parts follow the message.
  const bytes = new Uint8Array(MESSAGE_AT + Math.ceil(message / BLOCK_BYTES) * BLOCK_BYTES + POLY1305_BYTES);
  return { bytes, view: new DataView(bytes.buffer) };
}
