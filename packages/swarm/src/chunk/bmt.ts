// The address of a chunk: the binary Merkle tree (BMT) hash of the Book of Swarm, with Keccak-256.

import { InvalidInputError } from "@remote-log/core";
import { compiledKeccak, HASH_BYTES, type HashInPlace, portableKeccak } from "./keccak.ts";

/** Most bytes of payload that a chunk holds. */
export const CHUNK_BYTES = 4096;

/** Length of the span before the payload, in bytes. */
export const SPAN_BYTES = 8;

/** Most bytes of a chunk of content: span and payload. */
export const LARGEST_CHUNK: number = SPAN_BYTES + CHUNK_BYTES;

/** Levels of hashing above the 128 segments. */
const LEVELS = Math.log2(CHUNK_BYTES / HASH_BYTES);

/** Hashes chunks, on a work area of its own: hashing never crosses an await, so one serves all. */
export class ChunkHasher {
  /** Room for a span, then for the payload, whose nodes take the place of those below them. */
  readonly #work = new Uint8Array(LARGEST_CHUNK);
  /** The root of a tree of zeros, for each number of levels: what a chunk lacks of its 4,096 bytes counts as zeros. */
  readonly #zeros: readonly Uint8Array[];
  #hash: HashInPlace = portableKeccak(this.#work);

  constructor() {
    this.#zeros = this.#zeroNodes();
  }

  /**
   * Has Keccak-256 compiled for this runtime, if it can. What is hashed meanwhile is hashed in JavaScript, to the same.
   *
   * @returns whether it could
   */
  async compile(): Promise<boolean> {
    const compiled = await compiledKeccak(this.#work);
    this.#hash = compiled ?? this.#hash;
    return compiled !== undefined;
  }

  /** See {@link bmtHash}. */
  hash(span: Uint8Array, payload: Uint8Array): Uint8Array {
    if (span.length !== SPAN_BYTES || payload.length > CHUNK_BYTES) {
      throw new InvalidInputError(
        `A chunk has a span of ${SPAN_BYTES} bytes and at most ${CHUNK_BYTES} bytes of payload, ` +
          `not ${span.length} and ${payload.length}.`,
        { operation: "chunk.hash" },
      );
    }
    this.#layRoot(payload);
    this.#work.set(span);
    this.#hash(0, SPAN_BYTES + HASH_BYTES, 0);
    return this.#work.slice(0, HASH_BYTES);
  }

  /** Makes the root of a payload's tree the first node. */
  #layRoot(payload: Uint8Array): void {
    let count = Math.ceil(payload.length / HASH_BYTES);
    if (count === 0) {
      this.#setNode(0, this.#zeros[LEVELS]!);
      return;
    }
    this.#work.set(payload, SPAN_BYTES);
    this.#work.fill(0, SPAN_BYTES + payload.length, placeOf(count));
    for (let level = 0; level < LEVELS; level++) {
      // If the right one of a pair is missing, all below it would be zeros.
      if (count % 2 === 1) this.#setNode(count, this.#zeros[level]!);
      count = Math.ceil(count / 2);
      for (let pair = 0; pair < count; pair++) this.#hashPair(pair);
    }
  }

  /** Hashes two nodes that lie side by side into the place of their parent. */
  #hashPair(pair: number): void {
    this.#hash(placeOf(2 * pair), 2 * HASH_BYTES, placeOf(pair));
  }

  #setNode(node: number, bytes: Uint8Array): void {
    this.#work.set(bytes, placeOf(node));
  }

  #zeroNodes(): Uint8Array[] {
    const nodes = [new Uint8Array(HASH_BYTES)];
    for (const node of nodes) {
      if (nodes.length > LEVELS) break;
      this.#setNode(0, node);
      this.#setNode(1, node);
      this.#hashPair(0);
      nodes.push(this.#work.slice(placeOf(0), placeOf(1)));
    }
    return nodes;
  }
}

function placeOf(node: number): number {
  return SPAN_BYTES + node * HASH_BYTES;
}

const hasher = new ChunkHasher();
let isCompiling = false;

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
  // Nobody waits for that: the result is the same.
  if (!isCompiling) void hasher.compile();
  isCompiling = true;
  return hasher.hash(span, payload);
}
