// Writes the index above pages anew that were written anew.

import type { Address } from "../address/address.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { Bundle } from "../log/bundle.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import type { Ref } from "../log/page.ts";
import type { Cuts } from "../log/tree-shape.ts";
import { replaceBundles } from "./bundle-rewriter.ts";
import type { GrowingLevel } from "./index-levels.ts";
import type { Sink } from "./page-runs.ts";

/** The index of a remote. */
export interface RewrittenIndex {
  readonly genesis: Cuts;
  readonly records: RemoteRecords;
  readonly tree: { readonly levels: readonly GrowingLevel[] };
}

/**
 * Stores the nodes above changed pages, level by level, and the growing nodes at the right edge.
 *
 * @param changed - the new refs to pages, by the number of the page, and the bundles that were written anew
 * @param old - gets the addresses of what was replaced
 * @returns the new right edge, and the steps of a batch that note the new refs
 */
export async function rewriteIndex(
  { genesis, records, tree }: RewrittenIndex,
  { pages, bundles }: { readonly pages: ReadonlyMap<number, Ref>; readonly bundles: readonly Bundle[] },
  old: Address[],
  uploads: Sink,
): Promise<{ readonly levels: readonly GrowingLevel[]; readonly operations: BatchOperation[] }> {
  const { fanOut } = genesis;
  const levels = [...tree.levels];
  const operations: BatchOperation[] = [];
  let changed = pages;
  for (let level = 0; changed.size > 0; level++) {
    for (const [index, ref] of changed) operations.push(records.refOperation(level, index, ref));
    const growing = levels[level]!;
    const now = level === 0 ? bundles : [];
    levels[level] = await rewriteEdge(growing, { changed, rewritten: now }, old, uploads);
    const above = new Map<number, Ref>();
    for (const index of changed.keys()) {
      const parent = Math.floor(index / fanOut);
      if (index >= growing.first || above.has(parent)) continue;
      const children = await records.loadRefs(level, parent * fanOut, (parent + 1) * fanOut);
      const inNode = level === 0 ? await records.bundles.load(parent * fanOut, (parent + 1) * fanOut) : [];
      const bytes = encodeIndexNode(
        children.map((ref, i) => changed.get(parent * fanOut + i) ?? ref),
        replaceBundles(inNode, now),
        parent * fanOut,
      );
      const address = await uploads.address(bytes);
      await uploads.put(bytes, address);
      const [before] = await records.loadRefs(level + 1, parent, parent + 1);
      old.push(before!.address);
      above.set(parent, { address, hash: before!.hash });
    }
    changed = above;
  }
  return { levels, operations };
}

async function rewriteEdge(
  growing: GrowingLevel,
  {
    changed,
    rewritten,
  }: { readonly changed: ReadonlyMap<number, Ref>; readonly rewritten: readonly Bundle[] },
  old: Address[],
  uploads: Sink,
): Promise<GrowingLevel> {
  const { first, node } = growing;
  const refs = growing.refs.map((ref, i) => changed.get(first + i) ?? ref);
  const bundles = replaceBundles(growing.bundles ?? [], rewritten);
  const stored = node?.refs ?? 0;
  const inNode = bundles.filter((bundle) => bundle.first + bundle.lengths.length <= first + stored);
  const isSame = refs.every((ref, i) => ref === growing.refs[i] || i >= stored);
  if (node === undefined || (isSame && inNode.every((bundle) => !rewritten.includes(bundle)))) {
    return { ...growing, refs, bundles };
  }
  const bytes = encodeIndexNode(refs.slice(0, stored), inNode, first);
  const address = await uploads.address(bytes);
  await uploads.put(bytes, address);
  old.push(node.address);
  return { ...growing, refs, bundles, node: { address, refs: stored } };
}
