// How the index grows at its right edge; docs/decisions/0003.

import type { Address } from "../address/address.ts";
import type { TreeRecord } from "../journal/remote-records.ts";
import type { Bundle } from "../log/bundle.ts";
import type { HeadLevel } from "../log/head.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import type { Ref } from "../log/page.ts";
import { peaksOf, perfectSubtreeHash } from "../merkle/index.ts";

/**
 * Refs that a head carries itself at the two lowest levels before they are folded into a node. Four keep the
 * head small and have the node written once for four pages.
 */
export const REFS_IN_HEAD = 4;

/** The rightmost node of one level while it grows. */
export interface GrowingLevel {
  /** Index of its first ref among all refs of the level. */
  readonly first: number;
  /** Its refs, oldest first. */
  readonly refs: readonly Ref[];
  /** Its pages that are stored together, oldest first; none but at the lowest level. */
  readonly bundles?: readonly Bundle[];
  /** The stored node that holds the first of them, if there is one. */
  readonly node?: { readonly address: Address; readonly refs: number };
}

/** Something new in the index: a ref, a bundle, or a full node to be stored. */
export type IndexStep =
  | { readonly kind: "ref"; readonly level: number; readonly index: number; readonly ref: Ref }
  | { readonly kind: "bundle"; readonly bundle: Bundle }
  | { readonly kind: "node"; readonly bytes: Uint8Array; readonly address: Address };

/** Adds a ref at a level; a node that was full moves into the level above. */
export async function addRef(
  levels: GrowingLevel[],
  level: number,
  ref: Ref,
  { fanOut, address }: { readonly fanOut: number; readonly address: (bytes: Uint8Array) => Promise<Address> },
): Promise<IndexStep[]> {
  const steps: IndexStep[] = [];
  let growing = levels[level] ?? { first: 0, refs: [] };
  if (growing.refs.length === fanOut) {
    const bytes = encodeIndexNode(growing.refs, growing.bundles, growing.first);
    const node = {
      address: await address(bytes),
      hash: perfectSubtreeHash(growing.refs.map(({ hash }) => hash)),
    };
    steps.push({ kind: "node", bytes, address: node.address });
    const above = await addRef(levels, level + 1, node, { fanOut, address });
    steps.push(...above);
    growing = { first: growing.first + fanOut, refs: [] };
  }
  levels[level] = { ...growing, refs: [...growing.refs, ref] };
  steps.push({ kind: "ref", level, index: growing.first + growing.refs.length, ref });
  return steps;
}

/** Adds a bundle to the node that has the refs of its pages. */
export function addBundle(levels: GrowingLevel[], bundle: Bundle): IndexStep {
  const growing = levels[0] ?? { first: 0, refs: [] };
  levels[0] = { ...growing, bundles: [...(growing.bundles ?? []), bundle] };
  return { kind: "bundle", bundle };
}

/**
 * Which refs of a level to fold into a stored node now: all but the newest, once the head would carry too many, or if some are in
 * a bundle, which the head can't show. From the third level on the head carries all of them, which keeps every entry within four
 * dependent reads.
 *
 * @param former - how many refs the stored node had before what was stored was looked for: it is stored like that again
 * @returns how many refs to fold, or 0
 */
export function refsToFold(
  level: number,
  { first, refs, bundles = [], node }: GrowingLevel,
  former = 0,
): number {
  const stored = node?.refs ?? (former < refs.length ? former : 0);
  const isBundled = bundles.some((bundle) => bundle.first + bundle.lengths.length > first + stored);
  if (level >= 2) return 0;
  if (refs.length - stored > REFS_IN_HEAD || isBundled) return refs.length - 1;
  return node === undefined ? stored : 0;
}

/** The node that holds the first refs of a level, with the bundles of their pages. */
export function encodeFolded({ first, refs, bundles = [] }: GrowingLevel, count: number): Uint8Array {
  const inNode = bundles.filter((bundle) => bundle.first < first + count);
  return encodeIndexNode(refs.slice(0, count), inNode, first);
}

/** The stored nodes of the right edge, as the journal notes them. */
export function nodeRecords(levels: readonly GrowingLevel[]): TreeRecord["nodes"] {
  return levels.map(({ node }) => (node ? { address: node.address.toString(), refs: node.refs } : null));
}

/** A level as the head shows it. */
export function headLevel({ refs, node }: GrowingLevel): HeadLevel {
  if (node === undefined) return { refs };
  const peaks = peaksOf(refs.slice(0, node.refs).map(({ hash }) => hash));
  return { node: { ...node, peaks }, refs: refs.slice(node.refs) };
}
