// Hashes of leaves and inner nodes: RFC 9162 §2.1.1.

import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import { InvalidInputError } from "../errors/index.ts";

// The prefixes keep leaves and inner nodes apart: no leaf can be passed off as a node, nor a node as a leaf.
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// One buffer for all, since hashing is synchronous: catch-up hashes twice an entry, and needs no garbage for it.
// 64 bytes after the prefix are two hashes, and also the leaf data of an entry.
const input = new Uint8Array(1 + 2 * HASH_BYTES);

/** Hash of a leaf (RFC 9162 §2.1.1): SHA-256(0x00 ‖ data). Data of any length; 64 bytes are the quick case. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  const prefixed = data.length === 2 * HASH_BYTES ? input : new Uint8Array(1 + data.length);
  prefixed[0] = LEAF_PREFIX;
  prefixed.set(data, 1);
  return sha256(prefixed);
}

/**
 * Hash of an inner node (RFC 9162 §2.1.1): SHA-256(0x01 ‖ left ‖ right).
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if one of the two is not 32 bytes long
 */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw notTwoHashes(left, right);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** Root of the tree without leaves (RFC 9162 §2.1.1): SHA-256 of nothing. A new array at each call. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

function notTwoHashes(left: Uint8Array, right: Uint8Array): InvalidInputError {
  return new InvalidInputError(
    `A Merkle node joins two hashes of ${HASH_BYTES} bytes, not of ${left.length} and ${right.length}.`,
    { operation: "merkle.hash" },
  );
}
