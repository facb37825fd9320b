// A stretch of entries in order, with pages and contents read ahead.

import { readAhead } from "../async/read-ahead.ts";
import { anySignal } from "../async/signals.ts";
import type { ReaderIdentity } from "../keyring/index.ts";
import type { Epoch } from "../log/manifest.ts";
import type { Pair } from "../log/pair.ts";
import type { ReadKey } from "../log/read-key.ts";
import type { RemovedEntries } from "../log/removed-entries.ts";
import type { Removals } from "../log/removed-in.ts";
import type { Sealing } from "../log/sealing.ts";
import { leftSealed, sealingWithoutKey } from "../log/sealing-of.ts";
import { EarlyContent } from "./early-content.ts";
import { type Entry, openEntry } from "./entry.ts";
import { planReads, readPlanned } from "./plan-reads.ts";
import type { PlannedRead } from "./planned-read.ts";
import type { ReaderLimits } from "./reader-limits.ts";
import type { TreeView } from "./tree-view.ts";

/** Contents that are not embedded and are read at once, per stream: they may be large. */
const CONTENTS_AT_ONCE = 16;

/**
 * Entries of the pages that are read ahead, per stream. A decoded entry takes up to ten times the bytes of an empty
 * one in its page, and the writer chooses how many are in a page.
 */
const ENTRIES_AHEAD: number = 2 ** 17;

/** The entries of a stretch of the log, in order, each verified before it is yielded. */
export interface Stretch {
  /** First sequence number. */
  readonly from: number;
  /** The sequence number after the last. */
  readonly to: number;
}

type Opens = Pick<Sealing, "open">;

/** How entries are opened. */
export interface Opening {
  /** The key of a private log. */
  readonly key?: ReadKey | undefined;
  /** What becomes of a private log without its key: `"fail"`, or entries as storage has them. Default `"fail"`. */
  readonly withoutKey?: "fail" | "sealed" | undefined;
  /** The epochs that the log names. Default: none, and so the first alone. */
  readonly epochs?: readonly Epoch[] | undefined;
  /** What opens keyrings, in place of a key. */
  readonly identity?: Pick<ReaderIdentity, "openingOf"> | undefined;
}

/** What becomes of entries whose contents the writer removed. */
export interface Removal {
  /** What the writer's manifest says of them. Default: that there are none. */
  readonly removals?: Removals | undefined;
  /** Whether they are passed over; otherwise the first of them is an error. Default false. */
  readonly skipsRemoved?: boolean | undefined;
}

/** Options of {@link readEntries}. */
export interface ReadEntriesOptions extends Opening, Removal {
  readonly limits: ReaderLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a stretch of a log below a verified head: pages side by side, entries in order.
 *
 * Ending the iteration early aborts the reads that are still running.
 *
 * @throws NoKeyError `ERR_NO_KEY` before anything is read, if the log is private and no key was given
 * @throws RemovedError `ERR_REMOVED` in the place of the first entry whose content the writer removed, unless these are skipped
 */
export async function* readEntries(
  view: TreeView,
  { from, to }: Stretch,
  { limits, signal, removals, skipsRemoved = false, ...opening }: ReadEntriesOptions,
): AsyncGenerator<Entry, void, undefined> {
  const removed = await removedEntries(removals);
  const end = skipsRemoved ? to : Math.min(to, removed?.firstFrom(from) ?? to);
  const linked = anySignal(signal);
  const reading = linked.signal;
  try {
    const sealing = await openingIn(view, { from, to: end }, opening, reading);
    const pairs = readPairs(view, { from, to: end }, { limits, signal: reading, without: removed });
    const contents = Math.min(CONTENTS_AT_ONCE, limits.concurrency);
    let early = from < end ? EarlyContent.begin(view, from, reading) : undefined;
    yield* readAhead(pairs, contents, ([sequence, pair]) => {
      const content = early?.take(pair);
      early = undefined;
      return openEntry(view, sealing, sequence, pair, reading, content);
    });
    if (end < to) throw removed!.error(end, "reader.read");
  } finally {
    linked.abort();
  }
}

async function openingIn(
  view: TreeView,
  stretch: Stretch,
  { key, identity, withoutKey, epochs }: Opening,
  signal: AbortSignal,
): Promise<Opens> {
  const { genesis } = view.head;
  if (genesis.genesis.visibility === "private") {
    if (identity !== undefined) return identity.openingOf(view, { ...stretch, epochs, signal });
    if (key !== undefined) return key.openingOf(genesis, epochs);
    if (withoutKey === "sealed") return leftSealed;
  }
  return sealingWithoutKey(genesis);
}

async function removedEntries(removals: Removals | undefined): Promise<RemovedEntries | undefined> {
  if (!removals?.firstKept && !removals?.removed.length) return undefined;
  return new (await import("../log/removed-entries.ts")).RemovedEntries(removals);
}

/**
 * The pairs of a stretch with their numbers, in order, before their contents are opened.
 *
 * @param options - `without`: entries that are left out; a page of which nothing else is wanted is not read
 */
export async function* readPairs(
  view: TreeView,
  { from, to }: Stretch,
  options: {
    readonly limits: ReaderLimits;
    readonly signal: AbortSignal;
    readonly without?: RemovedEntries | undefined;
  },
): AsyncGenerator<[number, Pair], void, undefined> {
  const { limits, signal, without } = options;
  const { leafSize, pages } = view;
  const firstPage = Math.floor(from / leafSize);
  const endPage = Math.min(Math.ceil(to / leafSize), pages);
  /** The first page from one on of which anything is wanted. */
  const wantedFrom = (page: number): number =>
    without === undefined ? page : Math.floor(without.endAt(page * leafSize) / leafSize);
  const planned = planReads(view, { first: firstPage, end: endPage }, wantedFrom, signal);
  const ahead = Math.min(limits.concurrency, Math.ceil(ENTRIES_AHEAD / leafSize));
  const wanted = ([sequence]: [number, Pair]): boolean =>
    without === undefined || without.endAt(sequence) === sequence;
  const read = (one: PlannedRead) => readPlanned(view, one, signal);
  const weigh = (one: PlannedRead): number => ("page" in one ? 1 : one.weight);
  for await (const pages of readAhead(planned, ahead, read, weigh)) {
    for (const [index, { pairs }] of pages) {
      for (const pair of stretchOf(pairs, index * leafSize, { from, to })) if (wanted(pair)) yield pair;
    }
  }
  for (const pair of stretchOf(view.head.pairs, pages * leafSize, { from, to })) if (wanted(pair)) yield pair;
}

function* stretchOf(pairs: readonly Pair[], start: number, { from, to }: Stretch): Generator<[number, Pair]> {
  const end = Math.min(to - start, pairs.length);
  for (let i = Math.max(from - start, 0); i < end; i++) yield [start + i, pairs[i]!];
}
