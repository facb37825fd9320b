// The Merkle tree of RFC 9162 §2.1: hashes, compact ranges, proofs.

export { CompactRange, peaksOf, perfectSubtreeHash } from "./compact-range.ts";
export { emptyRoot, hashLeaf, hashLeafOfTwo, hashNode, perfectRootOfTwos } from "./hash.ts";
export {
  type ConsistencyClaim,
  consistencyPath,
  consistencyRoots,
  explicitConsistencyPath,
  type InclusionClaim,
  inclusionPath,
  type SubtreeSource,
  verifyConsistency,
  verifyInclusion,
} from "./proof.ts";
