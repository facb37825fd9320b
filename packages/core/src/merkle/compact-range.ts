// A tree that grows to the right, kept as the hashes of its perfect subtrees.

import { HASH_BYTES } from "../crypto/sha256.ts";
import { InvalidInputError, MalformedError } from "../errors/index.ts";
import { emptyRoot, hashNode } from "./hash.ts";
import { countOnes, isPowerOfTwo, isTreeSize } from "./size.ts";

/**
 * The minimal set of perfect subtrees ("peaks") whose leaves are [0, size) of an RFC 9162 tree, as their hashes: largest
 * first, one for each bit set in the size. It grows to the right, in amortized constant time a leaf.
 */
export class CompactRange {
  #size: number;
  readonly #peaks: Uint8Array[];

  private constructor(size: number, peaks: Uint8Array[]) {
    this.#size = size;
    this.#peaks = peaks;
  }

  /** The range without leaves. */
  static empty(): CompactRange {
    return new CompactRange(0, []);
  }

  /**
   * A range from what {@link CompactRange.hashes} returned. The hashes are copied.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the size is not a whole number from 0 to 2^53 − 1
   * @throws MalformedError `ERR_MALFORMED` if the size needs another number of hashes, or one is not 32 bytes long
   */
  static fromHashes(size: number, hashes: readonly Uint8Array[]): CompactRange {
    if (!isTreeSize(size)) throw invalid(`A tree has 0 to 2^53 - 1 leaves, not ${size}.`);
    const needed = countOnes(size);
    if (hashes.length !== needed) {
      throw malformed(
        `A tree of ${size} leaves is made up of ${needed} hashes, and ${hashes.length} are here.`,
      );
    }
    const wrong = hashes.find((hash) => hash.length !== HASH_BYTES);
    if (wrong) throw malformed(`A Merkle hash has ${HASH_BYTES} bytes, not ${wrong.length}.`);
    return new CompactRange(
      size,
      hashes.map((hash) => hash.slice()),
    );
  }

  /** The number of leaves, 0 to 2^53 − 1. */
  get size(): number {
    return this.#size;
  }

  /** The peaks, largest first. The array is the caller's; the hashes in it are not to be changed. */
  hashes(): Uint8Array[] {
    return this.#peaks.slice();
  }

  /**
   * Adds one leaf.
   *
   * @param leafHash - what `hashLeaf` returned. It is kept without a copy, and not to be changed afterwards.
   * @throws InvalidInputError `ERR_INVALID_INPUT` if it is not 32 bytes long, or the tree is full
   */
  appendLeaf(leafHash: Uint8Array): void {
    this.#append(leafHash, 1);
  }

  /**
   * Adds a perfect subtree.
   *
   * @param hash - its root, 32 bytes; copied
   * @param leaves - the number of its leaves: a power of two that divides the present size
   * @throws InvalidInputError `ERR_INVALID_INPUT` if the hash or the number can't be used, or the tree is full
   */
  appendSubtree(hash: Uint8Array, leaves: number): void {
    if (!isPowerOfTwo(leaves)) {
      throw invalid(`A perfect subtree has a power of two of leaves, not ${leaves}.`);
    }
    if (this.#size % leaves !== 0) {
      throw invalid(
        `A subtree of ${leaves} leaves can't stand at leaf ${this.#size}: it must be a multiple.`,
      );
    }
    this.#append(hash.slice(), leaves);
  }

  /** The root of all leaves so far (MTH in RFC 9162 §2.1.1); of none, `emptyRoot`. A new array. */
  root(): Uint8Array {
    const peaks = this.#peaks;
    if (peaks.length === 0) return emptyRoot();
    let root = peaks[peaks.length - 1]!;
    for (let i = peaks.length - 2; i >= 0; i--) root = hashNode(peaks[i]!, root);
    return peaks.length === 1 ? root.slice() : root;
  }

  /** A range of the same leaves, which grows by itself. */
  clone(): CompactRange {
    return new CompactRange(this.#size, this.#peaks.slice());
  }

  #append(hash: Uint8Array, leaves: number): void {
    if (hash.length !== HASH_BYTES)
      throw invalid(`A Merkle hash has ${HASH_BYTES} bytes, not ${hash.length}.`);
    const size = this.#size + leaves;
    if (!Number.isSafeInteger(size))
      throw invalid("A tree has at most 2^53 - 1 leaves, and this would be more.");
    const peaks = this.#peaks;
    let joined = hash;
    // Every bit set at the bottom of the count is a peak as large as what is added: the two become one.
    for (let count = this.#size / leaves; count % 2 === 1; count = (count - 1) / 2) {
      joined = hashNode(peaks.pop()!, joined);
    }
    peaks.push(joined);
    this.#size = size;
  }
}

/**
 * The peaks of a run of equal perfect subtrees, largest first: one hash for each bit set in their number. The run
 * must begin at a leaf where its largest peak may stand.
 *
 * @param hashes - the roots of the subtrees, from left to right, 32 bytes each
 * @throws InvalidInputError `ERR_INVALID_INPUT` if one is not 32 bytes long
 */
export function peaksOf(hashes: readonly Uint8Array[]): Uint8Array[] {
  const range = CompactRange.empty();
  for (const hash of hashes) range.appendLeaf(hash);
  return range.hashes();
}

/**
 * The root of the perfect tree over equal perfect subtrees.
 *
 * @param hashes - the roots of the subtrees, from left to right, 32 bytes each; as many as a power of two
 * @throws InvalidInputError `ERR_INVALID_INPUT` if they are of another number, or one is not 32 bytes long
 */
export function perfectSubtreeHash(hashes: readonly Uint8Array[]): Uint8Array {
  if (!isPowerOfTwo(hashes.length)) {
    throw invalid(`A perfect tree joins a power of two of subtrees, not ${hashes.length}.`);
  }
  return peaksOf(hashes)[0]!;
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "merkle.append" });
}

function malformed(message: string): MalformedError {
  return new MalformedError(message, { operation: "merkle.parse" });
}
