export { CompactRange, peaksOf, perfectSubtreeHash } from "./compact-range.ts";
export { emptyRoot, hashLeaf, hashNode } from "./hash.ts";
export {
  type ConsistencyProof,
  type ConsistencyRoots,
  consistencyPath,
  consistencyRoots,
  explicitConsistencyPath,
  type InclusionProof,
  inclusionPath,
  type SubtreeSource,
  verifyConsistency,
  verifyInclusion,
} from "./proof.ts";
