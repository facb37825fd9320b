import fc from "fast-check";
import {
  consistencyPath,
  consistencyRoots,
  explicitConsistencyPath,
  type SubtreeSource,
  verifyConsistency,
} from "../../src/merkle/index.ts";
import type { Rfc9162 } from "./rfc9162.ts";
import { isPowerOfTwo, oracle, oracleSource } from "./trees.ts";

/** first < second, up to a largest size. */
export const pairUpTo = (largest: number) =>
  fc
    .integer({ min: 2, max: largest })
    .chain((second) => fc.integer({ min: 1, max: second - 1 }).map((first) => ({ first, second })));

/** Compares what the code under test makes and computes at one pair of sizes with what RFC 9162 defines: `"agrees"`, or what differs. */
export async function compareConsistency(
  first: number,
  second: number,
  tree: Rfc9162 = oracle,
  source: SubtreeSource = oracleSource(second),
): Promise<string> {
  const firstRoot = tree.root(0, first);
  const secondRoot = tree.root(0, second);
  const wanted = tree.proof(first, second);
  const path = await consistencyPath(first, second, source);
  const explicit = await explicitConsistencyPath(first, second, source);
  const roots = consistencyRoots(first, second, explicit);
  const differ = (what: string) => `${what} of ${first} and ${second}`;
  if (!sameHashes(path, wanted)) return differ("the path");
  if (!verifyConsistency({ first, firstRoot, second, secondRoot, path })) return differ("the verdict");
  const start = isPowerOfTwo(first) ? [firstRoot] : [];
  if (first < second && !sameHashes(explicit, [...start, ...wanted])) return differ("the explicit path");
  if (!roots || !sameHashes([roots.firstRoot, roots.secondRoot], [firstRoot, secondRoot])) {
    return differ("the computed roots");
  }
  return "agrees";
}

/** Whether two lists hold the same hashes. */
export function sameHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, i) => Buffer.compare(hash, b[i]!) === 0);
}
