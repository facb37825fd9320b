// Which pages a removal concerns, and which nodes.

import type { Genesis } from "../log/genesis.ts";
import { endOf, type SequenceRanges } from "../log/sequence-ranges.ts";

/** The pages that hold any of some entries, in order. */
export function* pagesOf(ranges: SequenceRanges, leafSize: number, pages: number): Generator<number> {
  let next = 0;
  for (const range of ranges) {
    const end = Math.min(pages, Math.ceil(endOf(range) / leafSize));
    for (next = Math.max(next, Math.floor(range.first / leafSize)); next < end; next++) yield next;
  }
}

/** The node of the lowest level that holds the ref to a page. */
export function nodeOf(page: number, { fanOut }: Genesis): number {
  return Math.floor(page / fanOut);
}
