import { hashNode, type SubtreeSource } from "../../src/merkle/index.ts";
import { leafData, leafHashOf, Rfc9162 } from "./rfc9162.ts";

/** The oracle over the leaves "leaf 0", "leaf 1", … */
export const oracle: Rfc9162 = new Rfc9162((index) => leafHashOf(leafData(index)));

/** Whether a number is a power of two; BigInt has no 32-bit operators, and `Math.log2` rounds. */
export function isPowerOfTwo(value: number): boolean {
  const bits = BigInt(value);
  return bits > 0n && (bits & (bits - 1n)) === 0n;
}

/** A source over the oracle's leaves, which refuses what a source must never be asked for. */
export function oracleSource(size: number): SubtreeSource {
  return strictSource(size, (start, leaves) => oracle.root(start, start + leaves));
}

/** A source that refuses subtrees that are not perfect, not aligned, or not within the tree. */
export function strictSource(
  size: number,
  subtree: (start: number, leaves: number) => Uint8Array,
): SubtreeSource {
  return {
    subtree: async (start, leaves) => {
      if (!isPowerOfTwo(leaves) || start % leaves !== 0 || start + leaves > size) {
        throw new Error(`asked for ${leaves} leaves from ${start} on, in a tree of ${size}`);
      }
      return subtree(start, leaves);
    },
  };
}

/** The perfect subtrees of a large tree, by level: `levels[level][i]`. Leaf hashes are made up, not computed. */
export function largeTree(height: number): Uint8Array[][] {
  const count = 2 ** height;
  const bytes = new Uint32Array(count * 8);
  let state = 0x9e3779b9;
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  const leaves = Array.from({ length: count }, (_, i) => new Uint8Array(bytes.buffer, i * 32, 32));
  const levels: Uint8Array[][] = [leaves];
  for (let level = 0; level < height; level++) {
    const below = levels[level]!;
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) => hashNode(below[2 * i]!, below[2 * i + 1]!)),
    );
  }
  return levels;
}

/**
 * The hash of a perfect subtree in a tree of any size in which all leaves are the same but one. So it takes few
 * hashes, and still tells where the special leaf stands.
 */
export function sparseSubtree(special: number): (start: number, leaves: number) => Uint8Array {
  const plain: Uint8Array[] = [leafHashOf(Uint8Array.of(0))];
  for (let level = 1; level <= 53; level++) plain.push(hashNode(plain[level - 1]!, plain[level - 1]!));
  const subtree = (start: number, leaves: number): Uint8Array => {
    if (special < start || special >= start + leaves) return plain[Math.round(Math.log2(leaves))]!;
    if (leaves === 1) return leafHashOf(Uint8Array.of(1));
    return hashNode(subtree(start, leaves / 2), subtree(start + leaves / 2, leaves / 2));
  };
  return subtree;
}

/** The oracle for large trees: perfect subtrees are looked up, all else is recursion as in the RFC. */
export class LargeOracle extends Rfc9162 {
  readonly #perfect: (start: number, leaves: number) => Uint8Array;
  constructor(perfect: (start: number, leaves: number) => Uint8Array) {
    super((index) => perfect(index, 1));
    this.#perfect = perfect;
  }
  override root(start: number, end: number): Uint8Array {
    return isPowerOfTwo(end - start) ? this.#perfect(start, end - start) : super.root(start, end);
  }
}

/** A path that counts how many of its hashes are read. */
export function countedPath(hashes: readonly Uint8Array[]): {
  readonly path: readonly Uint8Array[];
  readonly reads: () => number;
} {
  let count = 0;
  const path = new Proxy(hashes, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) count++;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  return { path, reads: () => count };
}
