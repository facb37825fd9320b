// Hashes of leaves and inner nodes: RFC 9162 §2.1.1.

import { bytesOfDigest, type Digest, HASH_BYTES, putDigest, sha256, sha256Digest } from "../crypto/sha256.ts";
import { InvalidInputError } from "../errors/index.ts";
import { isPowerOfTwo } from "./size.ts";

// The prefixes keep leaves and inner nodes apart: no leaf can be passed off as a node, nor a node as a leaf.
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// One buffer for all, since hashing is synchronous: catch-up hashes twice an entry, and needs no garbage for it.
const twoHashes = new Uint8Array(1 + 2 * HASH_BYTES);

/** Hash of a leaf (RFC 9162 §2.1.1): SHA-256(0x00 ‖ data). Data of any length. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + data.length);
  prefixed[0] = LEAF_PREFIX;
  prefixed.set(data, 1);
  return sha256(prefixed);
}

/**
 * Hash of a leaf whose data are two hashes (RFC 9162 §2.1.1): SHA-256(0x00 ‖ first ‖ second). {@link hashLeaf} of both, joined.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if one of the two is not 32 bytes long
 */
export function hashLeafOfTwo(first: Uint8Array, second: Uint8Array): Uint8Array {
  return hashTwo(LEAF_PREFIX, first, second);
}

/**
 * Hash of an inner node (RFC 9162 §2.1.1): SHA-256(0x01 ‖ left ‖ right).
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if one of the two is not 32 bytes long
 */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashTwo(NODE_PREFIX, left, right);
}

/** What a leaf is the hash of: two hashes, one behind the other. */
export interface TwoHashes {
  readonly localHash: Uint8Array;
  readonly contentHash: Uint8Array;
}

/**
 * The root of the perfect tree over leaves whose data are two hashes each (RFC 9162 §2.1.1). What is between is kept as the runtime gives
 * it, since nobody needs its bytes: that takes a fifth less than {@link hashLeafOfTwo} of each and `perfectSubtreeHash` of these.
 *
 * @param leaves - from left to right; as many as a power of two
 * @throws InvalidInputError `ERR_INVALID_INPUT` if they are of another number, or one of the hashes is not 32 bytes long
 */
export function perfectRootOfTwos(leaves: readonly TwoHashes[]): Uint8Array {
  if (!isPowerOfTwo(leaves.length)) {
    throw new InvalidInputError(`A perfect tree has a power of two of leaves, not ${leaves.length}.`, {
      operation: "merkle.hash",
    });
  }
  let level = leaves.map(({ localHash, contentHash }) => {
    putTwo(LEAF_PREFIX, localHash, contentHash);
    return sha256Digest(twoHashes);
  });
  while (level.length > 1) {
    const above: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(nodeDigest(level[i]!, level[i + 1]!));
    level = above;
  }
  return bytesOfDigest(level[0]!);
}

function nodeDigest(left: Digest, right: Digest): Digest {
  twoHashes[0] = NODE_PREFIX;
  putDigest(left, twoHashes, 1);
  putDigest(right, twoHashes, 1 + HASH_BYTES);
  return sha256Digest(twoHashes);
}

/** Root of the tree without leaves (RFC 9162 §2.1.1): SHA-256 of nothing. A new array at each call. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

function hashTwo(prefix: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  putTwo(prefix, first, second);
  return sha256(twoHashes);
}

function putTwo(prefix: number, first: Uint8Array, second: Uint8Array): void {
  if (first.length !== HASH_BYTES || second.length !== HASH_BYTES) throw notTwoHashes(first, second);
  twoHashes[0] = prefix;
  twoHashes.set(first, 1);
  twoHashes.set(second, 1 + HASH_BYTES);
}

function notTwoHashes(left: Uint8Array, right: Uint8Array): InvalidInputError {
  return new InvalidInputError(
    `What is hashed here are two hashes of ${HASH_BYTES} bytes, not of ${left.length} and ${right.length}.`,
    { operation: "merkle.hash" },
  );
}
