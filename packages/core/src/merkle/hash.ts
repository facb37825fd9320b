// Hashes of leaves and inner nodes: RFC 9162 §2.1.1.

import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import { InvalidInputError } from "../errors/index.ts";

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

/** Root of the tree without leaves (RFC 9162 §2.1.1): SHA-256 of nothing. A new array at each call. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

function hashTwo(prefix: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length !== HASH_BYTES || second.length !== HASH_BYTES) throw notTwoHashes(first, second);
  twoHashes[0] = prefix;
  twoHashes.set(first, 1);
  twoHashes.set(second, 1 + HASH_BYTES);
  return sha256(twoHashes);
}

function notTwoHashes(left: Uint8Array, right: Uint8Array): InvalidInputError {
  return new InvalidInputError(
    `What is hashed here are two hashes of ${HASH_BYTES} bytes, not of ${left.length} and ${right.length}.`,
    { operation: "merkle.hash" },
  );
}
