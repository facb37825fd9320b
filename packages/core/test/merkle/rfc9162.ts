import { createHash } from "node:crypto";

// RFC 9162 §2.1 as it is written there, by recursion and with another SHA-256 than the code under test: the oracle
// of these tests.

/** SHA-256 over the parts, by Node. */
export function nodeSha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Hash of a leaf's data. */
export function leafHashOf(data: Uint8Array): Uint8Array {
  return nodeSha256(Uint8Array.of(0), data);
}

/** Data of the leaf at an index, in most of these tests. */
export function leafData(index: number): Uint8Array {
  return new TextEncoder().encode(`leaf ${index}`);
}

/** The definitions of the RFC over one list of leaf hashes. Hashes of subtrees are kept, as all trees share them. */
export class Rfc9162 {
  readonly #leaves: (index: number) => Uint8Array;
  readonly #known = new Map<string, Uint8Array>();

  constructor(leaves: (index: number) => Uint8Array) {
    this.#leaves = leaves;
  }

  /** MTH(D[start:end]), §2.1.1. */
  root(start: number, end: number): Uint8Array {
    const size = end - start;
    if (size === 0) return nodeSha256();
    if (size === 1) return this.#leaves(start);
    const key = `${start}:${end}`;
    const known = this.#known.get(key);
    if (known) return known;
    const k = largestPowerOfTwoBelow(size);
    const root = nodeSha256(Uint8Array.of(1), this.root(start, start + k), this.root(start + k, end));
    this.#known.set(key, root);
    return root;
  }

  /** PATH(m, D[start:end]), §2.1.3.1. */
  path(m: number, start: number, end: number): Uint8Array[] {
    const size = end - start;
    if (size === 1) return [];
    const k = largestPowerOfTwoBelow(size);
    return m < k
      ? [...this.path(m, start, start + k), this.root(start + k, end)]
      : [...this.path(m - k, start + k, end), this.root(start, start + k)];
  }

  /** PROOF(m, D[0:n]), §2.1.4.1. */
  proof(m: number, n: number): Uint8Array[] {
    return this.#subproof(m, 0, n, true);
  }

  #subproof(m: number, start: number, end: number, known: boolean): Uint8Array[] {
    const size = end - start;
    if (m === size) return known ? [] : [this.root(start, end)];
    const k = largestPowerOfTwoBelow(size);
    return m <= k
      ? [...this.#subproof(m, start, start + k, known), this.root(start + k, end)]
      : [...this.#subproof(m - k, start + k, end, false), this.root(start, start + k)];
  }
}

function largestPowerOfTwoBelow(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}
