// Inclusion proofs (RFC 9162 §2.1.3) and consistency proofs (§2.1.4): made and verified.

import { bytesEqual } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { InvalidInputError } from "../errors/index.ts";
import { emptyRoot, hashNode } from "./hash.ts";
import { halve, isPowerOfTwo, isTreeSize, splitPoint } from "./size.ts";
import { type Span, type SubtreeSource, spanHashes } from "./subtree-source.ts";

export type { SubtreeSource } from "./subtree-source.ts";

/** What {@link verifyInclusion} checks. Hashes have 32 bytes. */
export interface InclusionClaim {
  /** Hash of the leaf that is said to be in the tree. */
  readonly leafHash: Uint8Array;
  /** Where it is said to stand, from 0. */
  readonly index: number;
  /** Number of leaves of the tree. */
  readonly size: number;
  /** The siblings on the way up, from the leaf to the root. */
  readonly path: readonly Uint8Array[];
  /** Root of the tree. */
  readonly root: Uint8Array;
}

/** What {@link verifyConsistency} checks. Hashes have 32 bytes. */
export interface ConsistencyClaim {
  /** Number of leaves of the older tree. */
  readonly first: number;
  /** Root of the older tree. */
  readonly firstRoot: Uint8Array;
  /** Number of leaves of the newer tree. */
  readonly second: number;
  /** Root of the newer tree. */
  readonly secondRoot: Uint8Array;
  /** The hashes in the order of RFC 9162 §2.1.4.1. */
  readonly path: readonly Uint8Array[];
}

/** The two roots that one path leads to; see {@link consistencyRoots}. */
export interface ConsistencyRoots {
  /** Root of the first leaves. */
  readonly firstRoot: Uint8Array;
  /** Root of all leaves. */
  readonly secondRoot: Uint8Array;
}

/**
 * Makes the proof that a leaf is in a tree: PATH of RFC 9162 §2.1.3.1.
 *
 * @returns the siblings from the leaf up to the root; none in a tree of one leaf
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the tree has no such leaf
 */
export async function inclusionPath(
  index: number,
  size: number,
  source: SubtreeSource,
): Promise<Uint8Array[]> {
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size) {
    throw invalid(`A tree of ${size} leaves has no leaf ${index}.`);
  }
  const siblings: Span[] = [];
  for (let start = 0, leaves = size; leaves > 1; ) {
    const split = splitPoint(leaves);
    if (index < start + split) {
      siblings.push({ start: start + split, leaves: leaves - split });
      leaves = split;
    } else {
      siblings.push({ start, leaves: split });
      start += split;
      leaves -= split;
    }
  }
  return spanHashes(siblings.reverse(), source);
}

/**
 * Whether a proof shows that a leaf is in a tree: RFC 9162 §2.1.3.2. The parts of the proof may be anything: what
 * is not a proof gives `false`, and nothing is thrown.
 *
 * @example
 * ```ts
 * import { checkpointOrigin, generateSeed, hashLeaf, openReader, openWriter, verifyCheckpoint, verifyInclusion } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 * const reader = await openReader({ logId: writer.logId, remotes: [remote] });
 *
 * const { sequence, leaf, path, checkpoint } = await reader.inclusionProof(0);
 * const key = { origin: checkpointOrigin(writer.logId), publicKey: writer.genesis.genesis.signingKey };
 * const { size, root } = await verifyCheckpoint(checkpoint, key);
 * console.log(verifyInclusion({ leafHash: hashLeaf(leaf), index: sequence, size, path, root })); // true
 * await reader.close();
 * await writer.close();
 * ```
 */
export function verifyInclusion({ leafHash, index, size, path, root }: InclusionClaim): boolean {
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size || !isHash(leafHash)) return false;
  let node = leafHash;
  const climb = climbFrom(index, size - 1);
  for (const sibling of path) {
    const side = climb.step();
    if (side === "none" || !isHash(sibling)) return false;
    node = side === "left" ? hashNode(sibling, node) : hashNode(node, sibling);
  }
  return climb.atRoot() && bytesEqual(node, root);
}

/**
 * Makes the proof that a tree extends a smaller one: PROOF of RFC 9162 §2.1.4.1. If `first` is a power of two
 * it leaves out the starting node, which is then the older root itself.
 *
 * @returns the hashes; none if `first` is 0 or equals `second`
 * @throws InvalidInputError `ERR_INVALID_INPUT` unless 0 ≤ first ≤ second < 2^53
 */
export async function consistencyPath(
  first: number,
  second: number,
  source: SubtreeSource,
): Promise<Uint8Array[]> {
  checkSizes(first, second, 0);
  if (first === 0 || first === second) return [];
  const spans = consistencySpans(first, second);
  return spanHashes(isPowerOfTwo(first) ? spans.slice(1) : spans, source);
}

/**
 * Makes a path for {@link consistencyRoots}: that of {@link consistencyPath}, with the starting node also if
 * `first` is a power of two. If both sizes are equal, it is the peaks of the tree, smallest first.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` unless 1 ≤ first ≤ second < 2^53
 */
export async function explicitConsistencyPath(
  first: number,
  second: number,
  source: SubtreeSource,
): Promise<Uint8Array[]> {
  checkSizes(first, second, 1);
  return spanHashes(consistencySpans(first, second), source);
}

/**
 * Whether a proof shows that the leaves of one tree are the first leaves of another: RFC 9162 §2.1.4.2. The empty
 * tree is the beginning of every tree, and each tree of itself, both with an empty path only. The parts of the
 * proof may be anything: what is not a proof gives `false`, and nothing is thrown.
 *
 * @example
 * ```ts
 * import { checkpointOrigin, generateSeed, openReader, openWriter, verifyCheckpoint, verifyConsistency } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 * const reader = await openReader({ logId: writer.logId, remotes: [remote] });
 *
 * const { first, firstRoot, second, path, checkpoint } = await reader.consistencyProof(0);
 * const key = { origin: checkpointOrigin(writer.logId), publicKey: writer.genesis.genesis.signingKey };
 * const { size, root } = await verifyCheckpoint(checkpoint, key);
 * const claim = { first, firstRoot, second: size, secondRoot: root, path };
 * console.log(second === size && verifyConsistency(claim)); // true
 * await reader.close();
 * await writer.close();
 * ```
 */
export function verifyConsistency(proof: ConsistencyClaim): boolean {
  const { first, firstRoot, second, secondRoot, path } = proof;
  if (!isTreeSize(first) || !isTreeSize(second) || first > second) return false;
  if (!isHash(firstRoot) || !isHash(secondRoot)) return false;
  if (first === 0 && !bytesEqual(firstRoot, emptyRoot())) return false;
  if (first === second) return path.length === 0 && bytesEqual(firstRoot, secondRoot);
  if (first === 0) return path.length === 0;
  const roots = isPowerOfTwo(first)
    ? foldConsistency(first, second, firstRoot, path, 0)
    : foldConsistency(first, second, path[0], path, 1);
  return (
    roots !== undefined && bytesEqual(roots.firstRoot, firstRoot) && bytesEqual(roots.secondRoot, secondRoot)
  );
}

/**
 * Computes which root the first leaves of a tree have *inside* it, from a path that carries the starting node
 * always ({@link explicitConsistencyPath}). If `secondRoot` of the result is the root that the writer signed for
 * `second` leaves, `firstRoot` is the only one that its first `first` leaves can have: another signed root of that
 * size proves a fork.
 *
 * @returns both roots, or `undefined` if the path is not one for these sizes; nothing is thrown. Neither root
 * means anything before one of them has been compared with a root that is trusted.
 */
export function consistencyRoots(
  first: number,
  second: number,
  path: readonly Uint8Array[],
): ConsistencyRoots | undefined {
  if (!isTreeSize(first) || !isTreeSize(second) || first < 1 || first > second) return undefined;
  return foldConsistency(first, second, path[0], path, 1);
}

/** The nodes of a consistency proof in the order of the path, the starting node first. */
function consistencySpans(first: number, second: number): Span[] {
  const spans: Span[] = [];
  let start = 0;
  let leaves = second;
  // Down the edge between the two trees, to the last perfect subtree that the older one ends with.
  while (start + leaves !== first || !isPowerOfTwo(leaves)) {
    const split = splitPoint(leaves);
    if (first <= start + split) {
      spans.push({ start: start + split, leaves: leaves - split });
      leaves = split;
    } else {
      spans.push({ start, leaves: split });
      start += split;
      leaves -= split;
    }
  }
  spans.push({ start, leaves });
  return spans.reverse();
}

/** Steps 3 to 6 of RFC 9162 §2.1.4.2; the hashes from `path[next]` on follow the starting node. */
function foldConsistency(
  first: number,
  second: number,
  startingNode: Uint8Array | undefined,
  path: readonly Uint8Array[],
  next: number,
): ConsistencyRoots | undefined {
  if (!isHash(startingNode)) return undefined;
  let position = first - 1;
  let last = second - 1;
  while (position % 2 === 1) {
    position = halve(position);
    last = halve(last);
  }
  const climb = climbFrom(position, last);
  let firstRoot = startingNode;
  let secondRoot = startingNode;
  for (let i = next; i < path.length; i++) {
    const side = climb.step();
    const sibling = path[i];
    if (side === "none" || !isHash(sibling)) return undefined;
    if (side === "left") {
      firstRoot = hashNode(sibling, firstRoot);
      secondRoot = hashNode(sibling, secondRoot);
    } else {
      secondRoot = hashNode(secondRoot, sibling);
    }
  }
  return climb.atRoot() ? { firstRoot, secondRoot } : undefined;
}

/**
 * The way from a node up to the root, as both verifications of RFC 9162 walk it. `position` and `last` are its
 * `fn` and `sn`: the place of the node, and of the last node, on their level.
 */
function climbFrom(
  position: number,
  last: number,
): { step: () => "left" | "right" | "none"; atRoot: () => boolean } {
  let at = position;
  let end = last;
  const up = () => {
    at = halve(at);
    end = halve(end);
  };
  return {
    // On which side of the node the next sibling stands; "none" past the root.
    step: () => {
      if (end === 0) return "none";
      const side = at % 2 === 1 || at === end ? "left" : "right";
      // The last node of a level may have no sibling there: it rises until it has one.
      if (side === "left") while (at % 2 === 0 && at > 0) up();
      up();
      return side;
    },
    atRoot: () => end === 0,
  };
}

function isHash(value: Uint8Array | undefined): value is Uint8Array {
  return value?.length === HASH_BYTES;
}

function checkSizes(first: number, second: number, least: number): void {
  if (!isTreeSize(first) || !isTreeSize(second) || first < least || first > second) {
    throw invalid(`A tree of ${second} leaves has no proof for its first ${first} leaves.`);
  }
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "merkle.prove" });
}
