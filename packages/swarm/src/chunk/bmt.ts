// The address of a chunk: the binary Merkle tree (BMT) hash of the Book of Swarm, with Keccak-256.

import { keccakP } from "@noble/hashes/sha3.js";
import { InvalidInputError } from "@remote-log/core";

/** Most bytes of payload that a chunk holds. */
export const CHUNK_BYTES = 4096;

/** Length of the span before the payload, in bytes. */
export const SPAN_BYTES = 8;

/** Most bytes of a chunk of content: span and payload. */
export const LARGEST_CHUNK: number = SPAN_BYTES + CHUNK_BYTES;

/** Length of an address, and of a segment of the tree, in bytes. */
export const HASH_BYTES = 32;

/** A segment, in words of four bytes. */
const HASH_WORDS = HASH_BYTES / 4;

/** Levels of hashing above the 128 segments. */
const LEVELS = Math.log2(CHUNK_BYTES / HASH_BYTES);

// The state of Keccak-f[1600]: 50 words, little-endian. What is hashed here (40 or 64 bytes) is shorter than the rate of
// Keccak-256, 136 bytes, so one permutation is a hash. That saves the hasher's own object and copies, 128 times a chunk.
const state = new Uint32Array(50);
const LAST_WORD_OF_RATE = 136 / 4 - 1;

// Hashing never crosses an await, so one work area serves all.
const segments = new Uint8Array(CHUNK_BYTES);
const segmentView = new DataView(segments.buffer);
const nodes = new Uint32Array((CHUNK_BYTES / 4) * 2);

/** The root of a tree of zeros, for each number of levels: what a chunk lacks of its 4,096 bytes counts as zeros. */
const zeroNodes: readonly Uint32Array[] = zeros();

/**
 * Hashes a chunk as Swarm does: a binary Merkle tree of Keccak-256 over its payload, padded with zeros to 4,096 bytes, in
 * segments of 32 bytes; then Keccak-256 over span and root.
 *
 * The zeros make no difference: two payloads that differ by zeros at their ends have one hash. The span tells them apart.
 *
 * @param span - 8 bytes: the number of bytes below the chunk, little-endian
 * @param payload - at most 4,096 bytes
 * @returns the address of the chunk, 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` for other lengths
 */
export function bmtHash(span: Uint8Array, payload: Uint8Array): Uint8Array {
  if (span.length !== SPAN_BYTES || payload.length > CHUNK_BYTES) {
    throw new InvalidInputError(
      `A chunk has a span of ${SPAN_BYTES} bytes and at most ${CHUNK_BYTES} bytes of payload, ` +
        `not ${span.length} and ${payload.length}.`,
      { operation: "chunk.hash" },
    );
  }
  const root = rootOf(payload);
  const header = new DataView(span.buffer, span.byteOffset, SPAN_BYTES);
  state.fill(0);
  state[0] = header.getUint32(0, true);
  state[1] = header.getUint32(4, true);
  state.set(root, 2);
  permute(2 + HASH_WORDS);
  const hash = new Uint8Array(HASH_BYTES);
  const view = new DataView(hash.buffer);
  for (let word = 0; word < HASH_WORDS; word++) view.setUint32(word * 4, state[word] as number, true);
  return hash;
}

function rootOf(payload: Uint8Array): Uint32Array {
  let count = Math.ceil(payload.length / HASH_BYTES);
  if (count === 0) return zeroNodes[LEVELS] as Uint32Array;
  segments.set(payload);
  segments.fill(0, payload.length, count * HASH_BYTES);
  for (let word = 0; word < count * HASH_WORDS; word++) nodes[word] = segmentView.getUint32(word * 4, true);
  for (let level = 0; level < LEVELS; level++) {
    // If the right one of a pair is missing, all below it would be zeros.
    if (count % 2 === 1) nodes.set(zeroNodes[level] as Uint32Array, count * HASH_WORDS);
    count = Math.ceil(count / 2);
    for (let pair = 0; pair < count; pair++) hashPair(pair);
  }
  return nodes.subarray(0, HASH_WORDS);
}

/** Hashes two nodes that lie side by side into the place of their parent. */
function hashPair(pair: number): void {
  const from = pair * 2 * HASH_WORDS;
  for (let word = 0; word < 2 * HASH_WORDS; word++) state[word] = nodes[from + word] as number;
  state.fill(0, 2 * HASH_WORDS);
  permute(2 * HASH_WORDS);
  const to = pair * HASH_WORDS;
  for (let word = 0; word < HASH_WORDS; word++) nodes[to + word] = state[word] as number;
}

/** Ends a message of this many words with Keccak's padding, and hashes it. */
function permute(words: number): void {
  state[words] = 0x01;
  state[LAST_WORD_OF_RATE] = 0x80000000;
  keccakP(state);
}

function zeros(): Uint32Array[] {
  const levels = [new Uint32Array(HASH_WORDS)];
  for (let level = 0; level < LEVELS; level++) {
    const below = levels[level] as Uint32Array;
    nodes.set(below, 0);
    nodes.set(below, HASH_WORDS);
    hashPair(0);
    levels.push(nodes.slice(0, HASH_WORDS));
  }
  return levels;
}
