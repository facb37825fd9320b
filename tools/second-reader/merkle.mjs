// Merkle trees of RFC 9162 §2.1.1, from leaves or from perfect subtrees.

import { sha256 } from "./bytes.mjs";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param {...Uint8Array} parts */
export function leafHash(...parts) {
  return sha256(LEAF, ...parts);
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
export function nodeHash(left, right) {
  return sha256(NODE, left, right);
}

/** A tree that grows at its right end by perfect subtrees, none larger than what stands before it allows. */
export class GrowingTree {
  /** @type {{ size: number, hash: Uint8Array }[]} */
  #peaks = [];

  /**
   * @param {number} size of the subtree: a power of two
   * @param {Uint8Array} hash
   */
  add(size, hash) {
    let added = { size, hash };
    for (let last = this.#peaks.at(-1); last?.size === added.size; last = this.#peaks.at(-1)) {
      this.#peaks.pop();
      added = { size: 2 * added.size, hash: nodeHash(last.hash, added.hash) };
    }
    this.#peaks.push(added);
  }

  /** Number of leaves. */
  get size() {
    return this.#peaks.reduce((sum, { size }) => sum + size, 0);
  }

  /** The hashes of the perfect subtrees, largest first. */
  get peaks() {
    return this.#peaks.map(({ hash }) => hash);
  }

  /** The Merkle tree hash of all that was added. */
  get root() {
    if (this.#peaks.length === 0) return sha256();
    return this.peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** @param {readonly Uint8Array[]} leafHashes */
export function treeOf(leafHashes) {
  const tree = new GrowingTree();
  for (const hash of leafHashes) tree.add(1, hash);
  return tree;
}

/**
 * The sizes of the perfect subtrees that n leaves make up, largest first.
 *
 * @param {number} n
 */
export function peakSizes(n) {
  const sizes = [];
  for (let size = 2 ** 52; size >= 1; size /= 2) if (Math.floor(n / size) % 2 === 1) sizes.push(size);
  return sizes;
}

/**
 * The roots of both trees that a consistency path leads to (RFC 9162 §2.1.4.2), its first node always explicit.
 *
 * @param {number} first
 * @param {number} second
 * @param {readonly Uint8Array[]} path
 * @returns {{ first: Uint8Array, second: Uint8Array } | undefined} `undefined` if the path has a wrong length
 */
export function consistencyRoots(first, second, path) {
  if (first < 1 || first >= second || path.length === 0) return undefined;
  let [fn, sn] = [BigInt(first) - 1n, BigInt(second) - 1n];
  while ((fn & 1n) === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [path[0], path[0]];
  for (const hash of path.slice(1)) {
    if (sn === 0n) return undefined;
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(hash, fr);
      sr = nodeHash(hash, sr);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = nodeHash(sr, hash);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? { first: fr, second: sr } : undefined;
}
