// Where the name of a long backlog moves on the way, so that readers see its beginning before its end is stored.

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { corrupt, type JournalEntry, type RemovedEntry } from "../journal/journal.ts";
import type { GenesisSettings } from "../log/genesis.ts";
import { leafHashOf } from "../log/pair.ts";
import type { CompactRange } from "../merkle/index.ts";
import { REFS_IN_HEAD } from "./index-levels.ts";

/** How much is uploaded before the name moves for the first time: objects, and bytes in units of {@link BYTES}. */
const FIRST_STEP = 1024;

/** How much at most: each step is twice as large as the one before. */
const LARGEST_STEP = 16_384;

/** How much longer a step may become so that it ends where it costs least. */
const DETOUR = 1.25;

/** As many bytes count as one object. */
const BYTES = 65_536;

/** A backlog of at most this many entries is published at once: nothing is read for its steps. */
export const LEAST_BACKLOG = 256;

/** What {@link planSteps} divides. */
export interface Backlog {
  /** The tree of what is published. */
  readonly from: CompactRange;
  /** The tree of all that is to be published. */
  readonly to: CompactRange;
  /** The entries between. */
  readonly entries: AsyncIterable<JournalEntry | RemovedEntry>;
  readonly settings: Pick<GenesisSettings, "leafSize" | "fanOut">;
  /** Largest content that is embedded in a page, in bytes. */
  readonly largestEmbedded: number;
}

/**
 * Divides a backlog into steps. Each ends one entry after a full page, so that besides the head it needs at most two objects
 * that the whole does not need: the nodes that are begun at the two lowest levels. If such a place is
 * near, a step ends where the head carries the refs of the lowest level itself.
 *
 * All entries are read for that. So what is signed on the way is known to be a beginning of the tree that the entries had
 * when they were appended.
 *
 * @returns the trees to publish before the whole; they follow from `from` and the entries alone, whatever is stored already
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if the entries do not give the tree
 */
export async function planSteps(
  { from, to, entries, settings, largestEmbedded }: Backlog,
  signal: AbortSignal,
): Promise<CompactRange[]> {
  const { leafSize, fanOut } = settings;
  const range = from.clone();
  const steps: CompactRange[] = [];
  let work = 0;
  let step = FIRST_STEP;
  for await (const entry of entries) {
    range.appendLeaf(leafHashOf(entry.localHash, entry.contentHash));
    const bytes = entry.removed ? 0 : entry.stored.length;
    work += bytes / BYTES + (bytes > largestEmbedded ? 1 : 0);
    if (range.size === 1 || (range.size - 1) % leafSize !== 0) continue;
    throwIfAborted(signal);
    // A page, and its part of the index nodes.
    work += 1 + 1 / (fanOut - 1);
    const pages = (range.size - 1) / leafSize;
    const begun = ((pages - 1) % fanOut) + 1;
    if (work < step || (begun > REFS_IN_HEAD && work < DETOUR * step)) continue;
    steps.push(range.clone());
    work = 0;
    step = Math.min(2 * step, LARGEST_STEP);
  }
  if (range.size !== to.size || !bytesEqual(range.root(), to.root())) {
    throw corrupt("its entries do not give the root that they had when they were appended");
  }
  // Not a moment before the end.
  if (work < FIRST_STEP / 4) steps.pop();
  return steps;
}
