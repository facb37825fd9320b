// The part of a recovery that replaces the journal's entries by those of a remote.

import { bytesEqual } from "../bytes.ts";
import type { BatchOperation } from "../journal/database.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import type { JournalEntry, RemovedEntry } from "../journal/journal.ts";
import { leafHashOf } from "../log/pair.ts";
import { removedIn } from "../log/removed-in.ts";
import type { Sealing } from "../log/sealing.ts";
import { endOf, firstAfter, rangeWith } from "../log/sequence-ranges.ts";
import { CompactRange } from "../merkle/index.ts";
import { readEntries, readPairs } from "../tree/read-entries.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { Renumbering } from "./renumbering.ts";
import type { WriterState } from "./writer-state.ts";

/** How much is written to the journal at once: what a recovery that is killed reads again at most. */
const ENTRIES_AT_ONCE = 64;
const BYTES_AT_ONCE = 8 * 2 ** 20;

/** What is taken over into. */
export interface TakeOverParts extends Pick<WriterState, "journal" | "sealing"> {
  /** The tree of the journal's entries. */
  readonly tree: CompactRange;
}

/** What a recovery took over. */
export interface TakenOver {
  readonly tree: CompactRange;
  /** Number of entries, from the first, that the journal had already. */
  readonly common: number;
  /** Which numbers the journal's entries have now. */
  readonly renumbering: Renumbering;
  readonly recovered: number;
  readonly appendedAnew: number;
  /** What remains to be written. */
  readonly end: readonly BatchOperation[];
}

/** Options of {@link takeOver}. */
export interface TakeOverOptions {
  /** The remote's tree; absent if none is ahead. */
  readonly view: TreeView | undefined;
  /** Number of entries that stay as they are. */
  readonly start: number;
  /** Where what is kept of the journal ends. */
  readonly keptTo: number;
  /** Opens what the remote has, and seals what is appended anew. */
  readonly anew: Sealing;
}

/**
 * The remote's entries replace the journal's past what was signed here; those of the journal follow them. Without a remote that
 * is ahead, an unfinished recovery is undone: the journal's own entries return to their places.
 */
export async function takeOver(
  parts: TakeOverParts,
  { view, start, keptTo, anew }: TakeOverOptions,
  signal: AbortSignal,
): Promise<TakenOver> {
  const { journal, sealing } = parts;
  const resumed = view && (await takenBefore(parts, view, start, signal));
  const prefix = view === undefined ? await ownPrefix(parts, start) : await view.prefix(start, signal);
  const aside = await EntriesAside.take(journal, sealing, start, parts.tree.size);
  const tree = (resumed ?? prefix).clone();
  await journal.write([journal.treeOperation(tree)], true);
  let batch: (JournalEntry | RemovedEntry)[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    // The tree says how far the entries have been replaced.
    await journal.write([...journal.replaceOperations(batch, tree), journal.treeOperation(tree)], true);
    batch = [];
    bytes = 0;
  };
  const take = async (entry: JournalEntry | RemovedEntry): Promise<void> => {
    tree.appendLeaf(leafHashOf(entry.localHash, entry.contentHash));
    batch.push(entry);
    bytes += entry.removed ? 0 : entry.content.length;
    if (batch.length >= ENTRIES_AT_ONCE || bytes >= BYTES_AT_ONCE) await flush();
  };
  const add = (content: Uint8Array): Promise<void> =>
    take({ sequence: tree.size, content, ...anew.seal(tree.size, content) });
  const own = aside.entries(start);
  let common = start;
  const compare = async (entry: JournalEntry | RemovedEntry): Promise<void> => {
    if (common !== entry.sequence) return;
    const mine = await own.next();
    if (!mine.done && bytesEqual(leafOf(mine.value), leafOf(entry))) common++;
  };
  try {
    for await (const entry of journal.entries(start, tree.size, sealing)) await compare(entry);
    try {
      for await (const entry of view === undefined ? [] : entriesOf(anew, view, tree.size, signal)) {
        await compare(entry);
        await take(entry);
      }
    } finally {
      // What was read is kept, also if the rest can't be read.
      await flush();
    }
  } finally {
    await own.return();
  }
  const recovered = tree.size - common;
  const renumbering = new Renumbering(common);
  const move = async (entry: JournalEntry | RemovedEntry): Promise<void> => {
    renumbering.note(entry.sequence, tree.size);
    // What is left of a removed one opens nothing, and so it fits any number.
    if (entry.removed) await take({ ...entry, sequence: tree.size });
    else await add(entry.content);
  };
  // Entries past a gap, which the remote has closed, stay at their places.
  const past = journal.entries(tree.size, Math.max(tree.size, keptTo), sealing);
  for await (const entry of past) await move(entry);
  for await (const entry of aside.entries(common)) await move(entry);
  await flush();
  const ending = await aside.endOperations(tree.size);
  const end = [...ending, journal.treeOperation(tree)];
  return { tree, common, renumbering, recovered, appendedAnew: aside.end - common, end };
}

function leafOf({ localHash, contentHash }: JournalEntry | RemovedEntry): Uint8Array {
  return leafHashOf(localHash, contentHash);
}

// The entries of a remote from one number on. Of those that the writer's manifest says are removed, the hashes.
async function* entriesOf(
  anew: Sealing,
  view: TreeView,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<JournalEntry | RemovedEntry, void, undefined> {
  const removed = removedIn(view.head);
  const identity = { openingOf: () => Promise.resolve(anew) };
  const options = { limits: defaultLimits, identity, signal };
  for (let next = from; next < view.size; ) {
    const range = rangeWith(removed, next);
    const to = Math.min(view.size, range === undefined ? firstAfter(removed, next) : endOf(range));
    if (range === undefined) {
      for await (const { sequence, content } of readEntries(view, { from: next, to }, options)) {
        yield { sequence, content, ...anew.seal(sequence, content) };
      }
    } else {
      for await (const [sequence, { localHash, contentHash }] of readPairs(
        view,
        { from: next, to },
        options,
      )) {
        yield { sequence, removed: true, localHash, contentHash };
      }
    }
    next = to;
  }
}

// How far an earlier recovery that did not end has replaced the entries by those of this remote; `undefined` if by none.
async function takenBefore(
  { journal }: TakeOverParts,
  view: TreeView,
  start: number,
  signal: AbortSignal,
): Promise<CompactRange | undefined> {
  if (!(await EntriesAside.underWay(journal))) return undefined;
  const taken = await journal.savedTree();
  if (taken.size <= start || taken.size > view.size) return undefined;
  const there = await view.prefix(taken.size, signal);
  return bytesEqual(there.root(), taken.root()) ? taken : undefined;
}

/** The tree of the first entries of the journal. */
export async function ownPrefix(
  { journal, sealing }: Pick<TakeOverParts, "journal" | "sealing">,
  size: number,
): Promise<CompactRange> {
  const tree = CompactRange.empty();
  for await (const { localHash, contentHash } of journal.entries(0, size, sealing)) {
    tree.appendLeaf(leafHashOf(localHash, contentHash));
  }
  return tree;
}
