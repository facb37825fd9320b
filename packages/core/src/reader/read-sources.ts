// A stretch of entries from several sources of one history: what one can't give, another gives.

import { throwIfAborted } from "../async/signals.ts";
import { hasCode, NotFoundError } from "../errors/index.ts";
import type { Entry } from "../tree/entry.ts";
import { type Opening, type Removal, readEntryRuns, type Stretch } from "../tree/read-entries.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { checkedEntries } from "./checked-entries.ts";
import type { NewestState } from "./newest-state.ts";

/** What {@link readSources} reads from. */
export interface Sources {
  /** Best first: the newest state on each remote that has it, then smaller ones that are proven to be its beginning. */
  readonly sources: readonly TreeView[];
  readonly newest: NewestState;
  /** `newest.epoch` when they were found. */
  readonly epoch: number;
  readonly limits: ReaderLimits;
  readonly opening?: Opening;
  readonly removal?: Removal;
}

/**
 * Reads a stretch in order. If one source fails within it, the next continues; one that failed is asked again once another
 * has delivered something.
 *
 * @throws RemovedError at an entry whose content the writer removed, unless these are skipped; ForkError; the last failure, if no source has the next entry
 */
export function readSources(
  all: Sources,
  stretch: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  return checkedEntries(readInTurn(all, stretch, signal), () => all.newest.checkStore(signal));
}

async function* readInTurn(
  { sources, newest, epoch, limits, opening, removal }: Sources,
  { from, to }: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  newest.throwIfForked();
  let next = from;
  let failure: { readonly reason: unknown } | undefined;
  let exhausted = 0;
  for (let i = 0; next < to && exhausted < sources.length; i = (i + 1) % sources.length) {
    const view = sources[i]!;
    const first = next;
    try {
      const stretch = { from: next, to: Math.min(to, view.size) };
      for await (const run of readEntryRuns(view, stretch, { ...opening, ...removal, limits, signal })) {
        for (const entry of run) {
          // Entries that were read ahead need no request that would notice the signal.
          throwIfAborted(signal);
          if (!newest.mayDeliver(entry.sequence, epoch)) await newest.deliverFrom(view, epoch);
          next = entry.sequence + 1;
          yield entry;
        }
      }
      // The last ones may have been skipped.
      next = Math.max(next, stretch.to);
    } catch (reason) {
      if (signal.aborted) throw reason;
      // No other source has another key, nor what the writer removed.
      if (hasCode(reason, "ERR_NO_KEY", "ERR_REMOVED")) throw reason;
      failure = { reason };
    }
    exhausted = next > first ? 1 : exhausted + 1;
  }
  if (next >= to) return;
  if (failure !== undefined) throw failure.reason;
  throw new NotFoundError(`No remote shows entry ${next} any more.`, { operation: "reader.read" });
}

/**
 * Asks sources for something that is delivered, until one has it.
 *
 * @param size - the least number of entries of a source that will do
 * @throws the last failure, if none has it
 */
export async function askSources<T>(
  { sources, newest, epoch }: Sources,
  size: number,
  signal: AbortSignal,
  ask: (view: TreeView) => Promise<T>,
): Promise<T> {
  await newest.checkStore(signal);
  let failure: unknown;
  for (const view of sources) {
    if (view.size < size) continue;
    try {
      const answer = await ask(view);
      await newest.deliverFrom(view, epoch);
      return answer;
    } catch (error) {
      throwIfAborted(signal);
      failure = error;
    }
  }
  throw failure;
}
