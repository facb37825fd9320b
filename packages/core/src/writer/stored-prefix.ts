// The Merkle tree of the first entries of a log, from what is stored of it on a remote.

import type { Journal } from "../journal/journal.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import { type Cuts, treeShape } from "../log/tree-shape.ts";
import { CompactRange } from "../merkle/index.ts";

/** Where the hashes come from. */
export interface PrefixSource {
  readonly records: RemoteRecords;
  readonly journal: Journal;
  readonly sealing: Sealing;
  readonly genesis: Cuts;
  /** Number of full pages that are stored. */
  readonly pages: number;
}

/** The tree of the first `size` entries, from the stored refs and, past them, the journal's entries. */
export async function storedPrefix(
  size: number,
  { records, journal, sealing, genesis, pages }: PrefixSource,
): Promise<CompactRange> {
  const range = CompactRange.empty();
  const { levels } = treeShape(pages * genesis.leafSize + 1, genesis);
  for (let level = levels.length - 1; level >= 0; level--) {
    const { leavesPerRef, first, refs } = levels[level]!;
    const start = range.size / leavesPerRef;
    const end = Math.min(Math.floor(size / leavesPerRef), first + refs);
    if (end <= start) continue;
    for (const { hash } of await records.loadRefs(level, start, end)) range.appendSubtree(hash, leavesPerRef);
  }
  for await (const { localHash, contentHash } of journal.entries(range.size, size, sealing))
    range.appendLeaf(leafHashOf(localHash, contentHash));
  return range;
}
