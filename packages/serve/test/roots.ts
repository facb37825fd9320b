// The root of a tree by its definition, RFC 9162 §2.1.1.

import { createHash } from "node:crypto";

/** The Merkle tree hash of some leaf hashes. */
export function rootOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  let half = 1;
  while (2 * half < leaves.length) half *= 2;
  const hash = createHash("sha256").update(Uint8Array.of(1));
  hash.update(rootOfLeaves(leaves.slice(0, half))).update(rootOfLeaves(leaves.slice(half)));
  return new Uint8Array(hash.digest());
}
