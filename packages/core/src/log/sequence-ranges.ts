// Sets of entries as ranges of sequence numbers: what was removed, what is still to be done.

import type { EntryRange } from "./manifest.ts";

/** A set of entries: ranges that ascend, are disjoint, and do not touch. */
export type SequenceRanges = readonly EntryRange[];

/** The set of all entries that are in any of some ranges, in whatever order, however they overlap. Empty ranges count for nothing. */
export function joinRanges(ranges: Iterable<EntryRange>): SequenceRanges {
  const joined: { first: number; count: number }[] = [];
  for (const { first, count } of [...ranges].sort((a, b) => a.first - b.first)) {
    if (count <= 0) continue;
    const last = joined[joined.length - 1];
    if (last === undefined || first > last.first + last.count) joined.push({ first, count });
    else last.count = Math.max(last.count, first + count - last.first);
  }
  return joined;
}

/** The entries of one set that are not in another. */
export function subtractRanges(from: SequenceRanges, taken: SequenceRanges): SequenceRanges {
  const left: EntryRange[] = [];
  let at = 0;
  for (const range of from) {
    const end = range.first + range.count;
    let first = range.first;
    while (at < taken.length && endOf(taken[at]!) <= first) at++;
    for (let i = at; i < taken.length && taken[i]!.first < end; i++) {
      if (taken[i]!.first > first) left.push({ first, count: taken[i]!.first - first });
      first = Math.max(first, endOf(taken[i]!));
    }
    if (first < end) left.push({ first, count: end - first });
  }
  return left;
}

/** The range of a set that holds an entry; `undefined` if the set does not hold it. */
export function rangeWith(ranges: SequenceRanges, sequence: number): EntryRange | undefined {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(ranges[middle]!) <= sequence) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.first <= sequence ? range : undefined;
}

/** The first entry of a set from a sequence number on; `Infinity` if there is none. */
export function firstAfter(ranges: SequenceRanges, sequence: number): number {
  const range = ranges.find((one) => endOf(one) > sequence);
  return range === undefined ? Infinity : Math.max(range.first, sequence);
}

/** How many entries a set has. */
export function countOf(ranges: SequenceRanges): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

/** The sequence number after the last of a range. */
export function endOf({ first, count }: EntryRange): number {
  return first + count;
}
