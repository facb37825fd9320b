// Where the hashes come from of which proofs are made.

import { HASH_BYTES } from "../crypto/sha256.ts";
import { MalformedError } from "../errors/index.ts";
import { hashNode } from "./hash.ts";
import { isPowerOfTwo, splitPoint } from "./size.ts";

/** Where proofs get the hashes of a tree from: pages, index nodes, a journal. */
export interface SubtreeSource {
  /**
   * The hash of a perfect subtree.
   *
   * It is asked for several at a time. A source that does I/O is made with the signal that ends it; what it
   * rejects with is passed on unchanged.
   *
   * @param start - its first leaf, a multiple of `leaves`
   * @param leaves - the number of its leaves, a power of two; all of them are within the tree
   * @returns 32 bytes, which are not changed
   */
  subtree(start: number, leaves: number): Promise<Uint8Array>;
}

/** The leaves `start`…`start + leaves − 1`, as a node of some tree covers them. */
export interface Span {
  readonly start: number;
  readonly leaves: number;
}

/** The hashes of some nodes of a tree. Those on its ragged right edge are put together from perfect subtrees. */
export function spanHashes(spans: readonly Span[], source: SubtreeSource): Promise<Uint8Array[]> {
  return Promise.all(spans.map((span) => spanHash(span, source)));
}

async function spanHash(span: Span, source: SubtreeSource): Promise<Uint8Array> {
  const hashes = await Promise.all(perfectParts(span).map((part) => perfectHash(part, source)));
  return hashes.reduceRight((right, left) => hashNode(left, right));
}

function perfectParts(span: Span): Span[] {
  const parts: Span[] = [];
  let { start, leaves } = span;
  while (!isPowerOfTwo(leaves)) {
    const split = splitPoint(leaves);
    parts.push({ start, leaves: split });
    start += split;
    leaves -= split;
  }
  parts.push({ start, leaves });
  return parts;
}

async function perfectHash({ start, leaves }: Span, source: SubtreeSource): Promise<Uint8Array> {
  const hash = await source.subtree(start, leaves);
  if (hash.length !== HASH_BYTES) {
    throw new MalformedError(
      `The hash of the ${leaves} leaves from ${start} on has ${hash.length} bytes instead of ${HASH_BYTES}.`,
      { operation: "merkle.prove" },
    );
  }
  return hash;
}
