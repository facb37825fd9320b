// A stretch of entries from several sources of one history: what one can't give, another gives.

import { throwIfAborted } from "../async/signals.ts";
import { hasCode, NotFoundError } from "../errors/index.ts";
import type { Entry } from "../tree/entry.ts";
import { type Opening, type Removal, readEntryRuns, type Stretch } from "../tree/read-entries.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { NewestState } from "./newest-state.ts";

/** How many entries are delivered, at most, between two looks at the store. */
const STORE_STEP = 256;

/** What {@link SourceReading} reads from. */
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

/** Entries in a row, and the source that they come from. */
interface SourceRun {
  readonly entries: readonly Entry[];
  readonly view: TreeView;
}

/**
 * Reads a stretch in order, some entries at a time. If one source fails within it, the next continues; one that failed is asked
 * again once another has delivered something.
 *
 * Whoever delivers them asks {@link SourceReading.admit} for each before; so that nobody waits for an entry for which there is
 * nothing to wait.
 */
export class SourceReading {
  readonly #all: Sources;
  readonly #to: number;
  readonly #signal: AbortSignal;
  #next: number;
  #delivered = 0;
  #refusal: { readonly reason: unknown } | undefined;

  constructor(all: Sources, { from, to }: Stretch, signal: AbortSignal) {
    this.#all = all;
    this.#to = to;
    this.#signal = signal;
    this.#next = from;
  }

  /**
   * The entries. Of those in a row, none is delivered after the first that was not admitted.
   *
   * @throws RemovedError at an entry whose content the writer removed, unless these are skipped; ForkError; the last failure, if no source has the next entry
   */
  async *runs(): AsyncGenerator<SourceRun, void, undefined> {
    const { sources, newest, limits, opening, removal } = this.#all;
    const signal = this.#signal;
    const to = this.#to;
    newest.throwIfForked();
    let failure: { readonly reason: unknown } | undefined;
    let exhausted = 0;
    for (let i = 0; this.#next < to && exhausted < sources.length; i = (i + 1) % sources.length) {
      const view = sources[i]!;
      const first = this.#next;
      try {
        const stretch = { from: first, to: Math.min(to, view.size) };
        for await (const entries of readEntryRuns(view, stretch, {
          ...opening,
          ...removal,
          limits,
          signal,
        })) {
          yield { entries, view };
          if (this.#refusal !== undefined) throw this.#refusal.reason;
        }
        // The last ones may have been skipped.
        this.#next = Math.max(this.#next, stretch.to);
      } catch (reason) {
        if (signal.aborted) throw reason;
        // No other source has another key, nor what the writer removed.
        if (hasCode(reason, "ERR_NO_KEY", "ERR_REMOVED")) throw reason;
        failure = { reason };
        this.#refusal = undefined;
      }
      exhausted = this.#next > first ? 1 : exhausted + 1;
    }
    if (this.#next >= to) return;
    if (failure !== undefined) throw failure.reason;
    throw new NotFoundError(`No remote shows entry ${this.#next} any more.`, { operation: "reader.read" });
  }

  /**
   * Called before an entry is delivered. Looks at the store before the first of them and before every 256th one after it.
   *
   * @returns whether it may be delivered; if not, {@link SourceReading.runs} continues with another source, or fails
   * @throws the reason of the signal, also if the entry was read ahead
   * @throws ForkError if another reader of the store has found a fork
   */
  admit({ sequence }: Entry, view: TreeView): boolean | Promise<boolean> {
    // Entries that were read ahead need no request that would notice the signal.
    throwIfAborted(this.#signal);
    const { newest, epoch } = this.#all;
    const isKnown = newest.mayDeliver(sequence, epoch);
    if (!isKnown || this.#delivered % STORE_STEP === 0)
      return this.#ask(sequence, isKnown ? undefined : view);
    this.#delivered++;
    this.#next = sequence + 1;
    return true;
  }

  /** @param view - the state that it comes from, if nothing as new was delivered yet */
  async #ask(sequence: number, view: TreeView | undefined): Promise<boolean> {
    const { newest, epoch } = this.#all;
    try {
      if (view !== undefined) await newest.deliverFrom(view, epoch);
    } catch (reason) {
      this.#refusal = { reason };
      return false;
    }
    if (this.#delivered++ % STORE_STEP === 0) await newest.checkStore(this.#signal);
    this.#next = sequence + 1;
    return true;
  }
}

/** The same, one entry at a time. */
export async function* readSources(
  all: Sources,
  stretch: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const reading = new SourceReading(all, stretch, signal);
  for await (const { entries, view } of reading.runs()) {
    for (const entry of entries) {
      const admitted = reading.admit(entry, view);
      if (admitted !== true && !(await admitted)) break;
      yield entry;
    }
  }
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
