// ChaCha20 (RFC 8439, sections 2.1 to 2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2), in memory that stays.
//
// The library's ChaCha20 takes five times as long for a short message: it checks, copies and wipes what it is given
// (bench/README.md).

/** Length of a block of the key stream, in bytes. */
export const BLOCK_BYTES = 64;

/** The words of "expand 32-byte k", with which each state begins. */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const WORDS = 16;
/** Which word of the state is the number of the block. */
const COUNTER = 12;

// What is worked on: all of this ends before anything else begins.
const state = new Uint32Array(WORDS);
const mixed = new Uint32Array(WORDS);

/**
 * Begins a key stream, which {@link encryptBlocks} continues.
 *
 * @param key - 32 bytes
 * @param nonce - 12 bytes
 */
export function beginKeyStream(key: Uint8Array, nonce: Uint8Array): void {
  fillState(key, nonce, COUNTER + 1);
}

/**
 * Encrypts whole blocks in their place with the key stream that was begun last, or decrypts them: that is the same.
 *
 * @param room - what is worked on: the block i stands at 64 × i
 * @param first - the number of the first block
 * @param end - the number behind the last
 */
export function encryptBlocks(room: DataView, first: number, end: number): void {
  for (let block = first; block < end; block++) {
    state[COUNTER] = block;
    mix();
    for (let word = 0; word < WORDS; word++) {
      const at = block * BLOCK_BYTES + 4 * word;
      room.setUint32(at, room.getUint32(at, true) ^ (mixed[word]! + state[word]!), true);
    }
  }
}

/**
 * HChaCha20: a subkey from a key and a part of a nonce.
 *
 * @param key - 32 bytes
 * @param nonce - 16 bytes
 * @param subkey - gets it: 32 bytes
 */
export function hChaCha20(key: Uint8Array, nonce: Uint8Array, subkey: DataView): void {
  fillState(key, nonce, COUNTER);
  mix();
  for (let word = 0; word < 4; word++) {
    subkey.setUint32(4 * word, mixed[word]!, true);
    subkey.setUint32(16 + 4 * word, mixed[COUNTER + word]!, true);
  }
}

/** @param nonceAt - the word of the state at which the nonce begins */
function fillState(key: Uint8Array, nonce: Uint8Array, nonceAt: number): void {
  state.set(SIGMA);
  for (let word = 0; word < 8; word++) state[4 + word] = wordOf(key, word);
  for (let word = nonceAt; word < WORDS; word++) state[word] = wordOf(nonce, word - nonceAt);
}

function wordOf(bytes: Uint8Array, word: number): number {
  const at = 4 * word;
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The twenty rounds, ten times a column round and a diagonal round, without the addition of the state that follows them. */
function mix(): void {
  let x0 = state[0]!;
  let x1 = state[1]!;
  let x2 = state[2]!;
  let x3 = state[3]!;
  let x4 = state[4]!;
  let x5 = state[5]!;
  let x6 = state[6]!;
  let x7 = state[7]!;
  let x8 = state[8]!;
  let x9 = state[9]!;
  let x10 = state[10]!;
  let x11 = state[11]!;
  let x12 = state[12]!;
  let x13 = state[13]!;
  let x14 = state[14]!;
  let x15 = state[15]!;
  for (let twice = 0; twice < 10; twice++) {
    x0 = (x0 + x4) | 0;
    x12 = rotated(x12 ^ x0, 16);
    x8 = (x8 + x12) | 0;
    x4 = rotated(x4 ^ x8, 12);
    x0 = (x0 + x4) | 0;
    x12 = rotated(x12 ^ x0, 8);
    x8 = (x8 + x12) | 0;
    x4 = rotated(x4 ^ x8, 7);

    x1 = (x1 + x5) | 0;
    x13 = rotated(x13 ^ x1, 16);
    x9 = (x9 + x13) | 0;
    x5 = rotated(x5 ^ x9, 12);
    x1 = (x1 + x5) | 0;
    x13 = rotated(x13 ^ x1, 8);
    x9 = (x9 + x13) | 0;
    x5 = rotated(x5 ^ x9, 7);

    x2 = (x2 + x6) | 0;
    x14 = rotated(x14 ^ x2, 16);
    x10 = (x10 + x14) | 0;
    x6 = rotated(x6 ^ x10, 12);
    x2 = (x2 + x6) | 0;
    x14 = rotated(x14 ^ x2, 8);
    x10 = (x10 + x14) | 0;
    x6 = rotated(x6 ^ x10, 7);

    x3 = (x3 + x7) | 0;
    x15 = rotated(x15 ^ x3, 16);
    x11 = (x11 + x15) | 0;
    x7 = rotated(x7 ^ x11, 12);
    x3 = (x3 + x7) | 0;
    x15 = rotated(x15 ^ x3, 8);
    x11 = (x11 + x15) | 0;
    x7 = rotated(x7 ^ x11, 7);

    x0 = (x0 + x5) | 0;
    x15 = rotated(x15 ^ x0, 16);
    x10 = (x10 + x15) | 0;
    x5 = rotated(x5 ^ x10, 12);
    x0 = (x0 + x5) | 0;
    x15 = rotated(x15 ^ x0, 8);
    x10 = (x10 + x15) | 0;
    x5 = rotated(x5 ^ x10, 7);

    x1 = (x1 + x6) | 0;
    x12 = rotated(x12 ^ x1, 16);
    x11 = (x11 + x12) | 0;
    x6 = rotated(x6 ^ x11, 12);
    x1 = (x1 + x6) | 0;
    x12 = rotated(x12 ^ x1, 8);
    x11 = (x11 + x12) | 0;
    x6 = rotated(x6 ^ x11, 7);

    x2 = (x2 + x7) | 0;
    x13 = rotated(x13 ^ x2, 16);
    x8 = (x8 + x13) | 0;
    x7 = rotated(x7 ^ x8, 12);
    x2 = (x2 + x7) | 0;
    x13 = rotated(x13 ^ x2, 8);
    x8 = (x8 + x13) | 0;
    x7 = rotated(x7 ^ x8, 7);

    x3 = (x3 + x4) | 0;
    x14 = rotated(x14 ^ x3, 16);
    x9 = (x9 + x14) | 0;
    x4 = rotated(x4 ^ x9, 12);
    x3 = (x3 + x4) | 0;
    x14 = rotated(x14 ^ x3, 8);
    x9 = (x9 + x14) | 0;
    x4 = rotated(x4 ^ x9, 7);
  }
  mixed[0] = x0;
  mixed[1] = x1;
  mixed[2] = x2;
  mixed[3] = x3;
  mixed[4] = x4;
  mixed[5] = x5;
  mixed[6] = x6;
  mixed[7] = x7;
  mixed[8] = x8;
  mixed[9] = x9;
  mixed[10] = x10;
  mixed[11] = x11;
  mixed[12] = x12;
  mixed[13] = x13;
  mixed[14] = x14;
  mixed[15] = x15;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
