// Takes contents out of the journal; docs/protocol.md, "Removal".

import { throwIfAborted } from "../async/signals.ts";
import type { EntryRange } from "../log/manifest.ts";
import type { Sealing } from "../log/sealing.ts";
import { endOf, joinRanges, type SequenceRanges, subtractRanges } from "../log/sequence-ranges.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { BatchOperation } from "./database.ts";
import { leftOperation } from "./entry-record.ts";
import { corrupt, type Journal } from "./journal.ts";
import { entryKey, removedKey, removedRangesKey } from "./keys.ts";

/** How much is replaced at once: what is in memory at most. */
const ENTRIES_AT_ONCE = 1024;
const BYTES_AT_ONCE = 8 * 2 ** 20;

/** The entries whose contents the journal does not have any more, once all of a removal was done. */
export async function loadRemoved(journal: Journal): Promise<SequenceRanges> {
  const bytes = await journal.get(removedRangesKey);
  if (bytes === undefined) return [];
  const ranges = parseRanges(bytes);
  if (ranges === undefined) throw corrupt("the record of the entries that were removed is damaged");
  return ranges;
}

/**
 * Takes the contents of entries out of the journal: of each, its two hashes are left. Batch by batch, each of them whole or
 * not at all, so one that was interrupted is called again with the same ranges and does the rest. The record of what was removed
 * follows the last batch.
 *
 * @param ranges - the entries; those past the end of the journal, and those that were removed before, need nothing
 * @returns all that is removed now
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if one of them is damaged: what its hashes are would be unknown
 */
export async function removeFromJournal(
  journal: Journal,
  ranges: SequenceRanges,
  {
    sealing,
    size,
    signal,
  }: { readonly sealing: Sealing; readonly size: number; readonly signal?: AbortSignal },
): Promise<SequenceRanges> {
  const before = await loadRemoved(journal);
  // An entry that is still to come is removed once it is there.
  const present = subtractRanges(ranges, [{ first: size, count: Number.MAX_SAFE_INTEGER - size }]);
  const removed = joinRanges([...before, ...present]);
  const missing = subtractRanges(removed, before);
  if (missing.length === 0) return before;
  for (const range of missing) {
    let batch: BatchOperation[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      throwIfAborted(signal);
      if (batch.length > 0) await journal.write(batch, true);
      batch = [];
      bytes = 0;
    };
    for await (const entry of journal.entries(range.first, endOf(range), sealing)) {
      if (entry.removed) continue;
      batch.push({ type: "del", key: entryKey(entry.sequence) }, leftOperation(entry));
      bytes += entry.content.length;
      if (batch.length >= 2 * ENTRIES_AT_ONCE || bytes >= BYTES_AT_ONCE) await flush();
    }
    await flush();
  }
  await journal.write([{ type: "put", key: removedRangesKey, value: formatRanges(removed) }], true);
  for (const range of missing) await forgetOnDisk(journal, range);
  return removed;
}

// LevelDB drops what was replaced when it merges one file with an older one that holds the same keys. What lies in the newest
// file alone it leaves as it is: so something is written there once more, and both are merged.
async function forgetOnDisk(journal: Journal, range: EntryRange): Promise<void> {
  const [start, end] = [entryKey(range.first), entryKey(endOf(range))];
  const again = removedKey(range.first);
  const value = await journal.get(again);
  if (value === undefined || !(await journal.compact(start, end))) return;
  await journal.write([{ type: "put", key: again, value }], true);
  await journal.compact(start, end);
}

/** A set of entries as the journal keeps it. */
function formatRanges(ranges: SequenceRanges): Uint8Array {
  return encodeUtf8(JSON.stringify(ranges.map(({ first, count }) => [first, count])));
}

/** Reads what {@link formatRanges} wrote; `undefined` for anything else. */
function parseRanges(bytes: Uint8Array): SequenceRanges | undefined {
  let pairs: unknown;
  try {
    pairs = JSON.parse(decodeUtf8Loosely(bytes));
  } catch {
    return undefined;
  }
  if (!Array.isArray(pairs)) return undefined;
  const ranges = pairs.map((pair: unknown) => {
    const [first, count] = Array.isArray(pair) ? (pair as unknown[]) : [];
    return { first: first as number, count: count as number };
  });
  const isSet = ranges.every(({ first, count }, i) => {
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) return false;
    return first >= 0 && (i === 0 || first > endOf(ranges[i - 1]!));
  });
  return isSet ? ranges : undefined;
}
