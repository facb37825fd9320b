// A stretch of entries in order, with pages and contents read ahead.

import { readAhead } from "../async/read-ahead.ts";
import { anySignal } from "../async/signals.ts";
import type { ReaderIdentity } from "../keyring/index.ts";
import type { Epoch } from "../log/manifest.ts";
import type { Page } from "../log/page.ts";
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

/** Entries whose contents are embedded and that are opened at once, so that nobody waits for each by itself. */
const OPENED_AT_ONCE = 16;

/** Entries of the pages that are read ahead, per stream: the writer chooses how many are in a page. */
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

/** Entries in a row, before their contents are opened. */
interface Run {
  /** Number of the first. */
  readonly first: number;
  readonly pairs: readonly Pair[];
}

/** What opening entries in a row gave: all of them, or those before the first that failed. */
interface OpenedRun {
  readonly entries: readonly Entry[];
  readonly failure?: { readonly reason: unknown };
}

/**
 * Reads a stretch of a log below a verified head: pages side by side, entries in order, one or some at a time.
 *
 * Ending the iteration early aborts the reads that are still running.
 *
 * @throws NoKeyError `ERR_NO_KEY` before anything is read, if the log is private and no key was given
 * @throws RemovedError `ERR_REMOVED` in the place of the first entry whose content the writer removed, unless these are skipped
 */
export async function* readEntryRuns(
  view: TreeView,
  { from, to }: Stretch,
  { limits, signal, removals, skipsRemoved = false, ...opening }: ReadEntriesOptions,
): AsyncGenerator<readonly Entry[], void, undefined> {
  const removed = await removedEntries(removals);
  const end = skipsRemoved ? to : Math.min(to, removed?.firstFrom(from) ?? to);
  const linked = anySignal(signal);
  const reading = linked.signal;
  try {
    const sealing = await openingIn(view, { from, to: end }, opening, reading);
    const runs = readRuns(view, { from, to: end }, { limits, signal: reading, without: removed });
    const contents = Math.min(CONTENTS_AT_ONCE, limits.concurrency);
    let early = from < end ? EarlyContent.begin(view, from, reading) : undefined;
    const open = ({ first, pairs }: Run): OpenedRun | Promise<OpenedRun> => {
      const content = early?.take(pairs[0]!);
      early = undefined;
      return openRun((pair, i) => openEntry(view, sealing, first + i, pair, reading, content), pairs);
    };
    for await (const { entries, failure } of readAhead(
      openableRuns(runs),
      contents,
      open,
      ({ pairs }) => pairs.length,
    )) {
      yield entries;
      if (failure !== undefined) throw failure.reason;
    }
    if (end < to) throw removed!.error(end, "reader.read");
  } finally {
    linked.abort();
  }
}

/** The same, one entry at a time. */
export async function* readEntries(
  view: TreeView,
  stretch: Stretch,
  options: ReadEntriesOptions,
): AsyncGenerator<Entry, void, undefined> {
  for await (const entries of readEntryRuns(view, stretch, options)) yield* entries;
}

/** Cuts runs: what is embedded is opened together, and what is waited for by itself. */
async function* openableRuns(runs: AsyncIterable<Run>): AsyncGenerator<Run, void, undefined> {
  for await (const { first, pairs } of runs) {
    for (let at = 0; at < pairs.length; ) {
      const begin = at++;
      if (isEmbedded(pairs[begin]!)) {
        const most = Math.min(begin + OPENED_AT_ONCE, pairs.length);
        while (at < most && isEmbedded(pairs[at]!)) at++;
      }
      yield { first: first + begin, pairs: pairs.slice(begin, at) };
    }
  }
}

function isEmbedded({ place }: Pair): boolean {
  return place.kind === "embedded";
}

/** Opens entries in a row. If one is waited for, it is alone. */
function openRun(
  open: (pair: Pair, i: number) => Entry | Promise<Entry>,
  pairs: readonly Pair[],
): OpenedRun | Promise<OpenedRun> {
  const entries: Entry[] = [];
  try {
    for (let i = 0; i < pairs.length; i++) {
      const entry = open(pairs[i]!, i);
      if (entry instanceof Promise) return entry.then((one) => ({ entries: [one] }));
      entries.push(entry);
    }
  } catch (reason) {
    return { entries, failure: { reason } };
  }
  return { entries };
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

/** What of a log is read as pairs. */
interface ReadPairsOptions {
  readonly limits: ReaderLimits;
  readonly signal: AbortSignal;
  /** Entries that are left out; a page of which nothing else is wanted is not read. */
  readonly without?: RemovedEntries | undefined;
}

/** The pairs of a stretch with their numbers, in order, before their contents are opened. */
export async function* readPairs(
  view: TreeView,
  stretch: Stretch,
  options: ReadPairsOptions,
): AsyncGenerator<[number, Pair], void, undefined> {
  for await (const { first, pairs } of readRuns(view, stretch, options)) {
    for (const [i, pair] of pairs.entries()) yield [first + i, pair];
  }
}

async function* readRuns(
  view: TreeView,
  { from, to }: Stretch,
  { limits, signal, without }: ReadPairsOptions,
): AsyncGenerator<Run, void, undefined> {
  const { leafSize, pages } = view;
  const firstPage = Math.floor(from / leafSize);
  const endPage = Math.min(Math.ceil(to / leafSize), pages);
  /** The first page from one on of which anything is wanted. */
  const wantedFrom = (page: number): number =>
    without === undefined ? page : Math.floor(without.endAt(page * leafSize) / leafSize);
  const planned = planReads(view, { first: firstPage, end: endPage }, wantedFrom, signal);
  const ahead = Math.min(limits.concurrency, Math.ceil(ENTRIES_AHEAD / leafSize));
  const readOne = (one: PlannedRead) => readPlanned(view, one, signal);
  const weigh = (one: PlannedRead): number => ("page" in one ? 1 : one.weight);
  for await (const decode of readAhead(planned, ahead, readOne, weigh)) {
    for (const run of joined(await decode(), leafSize)) yield* runsOf(run, { from, to }, without);
  }
  yield* runsOf({ first: pages * leafSize, pairs: view.head.pairs }, { from, to }, without);
}

/** Pages that follow each other are one run. */
function* joined(
  pages: readonly (readonly [number, Page])[],
  leafSize: number,
): Generator<Run, void, undefined> {
  let first = 0;
  let run: readonly Pair[] = [];
  for (const [index, { pairs }] of pages) {
    const begin = index * leafSize;
    if (begin === first + run.length) {
      run = run.concat(pairs);
      continue;
    }
    yield { first, pairs: run };
    first = begin;
    run = pairs;
  }
  yield { first, pairs: run };
}

/** What of a run is in a stretch, without what is left out. */
function* runsOf(
  { first, pairs }: Run,
  { from, to }: Stretch,
  without: RemovedEntries | undefined,
): Generator<Run, void, undefined> {
  const end = Math.min(to, first + pairs.length);
  for (let at = Math.max(from, first); at < end; ) {
    const begin = without?.endAt(at) ?? at;
    at = begin + 1;
    while (at < end && (without?.endAt(at) ?? at) === at) at++;
    if (begin < end) yield { first: begin, pairs: pairs.slice(begin - first, at - first) };
  }
}
