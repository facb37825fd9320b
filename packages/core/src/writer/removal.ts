// Taking contents out of a log, and keeping only its newest: `Writer.remove` and `Writer.keepNewest`.

import { Semaphore } from "../async/semaphore.ts";
import { throwIfAborted } from "../async/signals.ts";
import { InvalidInputError } from "../errors/index.ts";
import { loadRemoved, removeFromJournal } from "../journal/removal.ts";
import type { EntryRange } from "../log/manifest.ts";
import { type Removals, removedBy } from "../log/removed-in.ts";
import {
  countOf,
  endOf,
  joinRanges,
  rangeWith,
  type SequenceRanges,
  subtractRanges,
} from "../log/sequence-ranges.ts";
import { timeNow } from "../runtime/clock.ts";
import type { Forgets } from "./removal-progress.ts";
import type { Retention } from "./retention.ts";
import type { WriterState } from "./writer-state.ts";

/** Which entries to remove: sequence numbers, and ranges of them. */
export type Removable = number | EntryRange | readonly (number | EntryRange)[];

/** What a removal did. */
export interface RemovalResult {
  /** How many entries lost their contents. */
  readonly removed: number;
  /** The first entry that retention keeps. */
  readonly firstKept: number;
  /** What becomes of the contents on each remote, at the next publish. */
  readonly remotes: readonly { readonly label: string; readonly forgets: Forgets }[];
}

/** What the manifest says of removals. */
type Said = Removals;

/** Takes contents out of a log. */
export class Removal {
  readonly #writer: WriterState;
  readonly #retention: Retention | undefined;
  /** Notes what remotes may have of entries before their contents leave the journal. */
  onPrune: (ranges: SequenceRanges) => Promise<void> = async () => undefined;
  // One change of the journal's past at a time.
  readonly turns: Semaphore = new Semaphore(1);

  constructor(writer: WriterState, retention: Retention | undefined) {
    this.#writer = writer;
    this.#retention = retention;
  }

  /**
   * Removes entries for good. First the manifest says so, durable here: from then on whatever else is left is done by the next
   * process if this one ends. Then their contents leave the journal.
   *
   * @returns how many entries lost their contents
   */
  remove(entries: Removable, signal: AbortSignal): Promise<number> {
    return this.turns.run(signal, () => {
      const ranges = rangesOf(entries, this.#writer.size);
      return this.#change((said) => ({ ...said, removed: joinRanges([...said.removed, ...ranges]) }), signal);
    });
  }

  /** Keeps the newest entries alone. See {@link Removal.remove}. */
  keepNewest(retention: Retention, signal: AbortSignal): Promise<number> {
    return this.turns.run(signal, async () => {
      const first = await this.#firstKept(retention);
      return this.#change((said) => ({ ...said, firstKept: Math.max(said.firstKept, first) }), signal);
    });
  }

  /**
   * Before a publish: finishes a removal that was interrupted, and keeps what the writer's own setting says. That goes page by
   * page: one entry after the other would have pages, and the manifest, written anew for each.
   */
  async beforePublish(signal: AbortSignal): Promise<void> {
    const retention = this.#retention;
    const { manifests, removed } = this.#writer;
    const isCut = subtractRanges(removedBy(manifests.content), removed).length > 0;
    if (retention === undefined && !isCut) return;
    await this.turns.run(signal, async () => {
      await this.#prune(signal);
      if (retention === undefined) return;
      const { leafSize } = this.#writer.genesis.genesis;
      const first = Math.floor((await this.#firstKept(retention)) / leafSize) * leafSize;
      const step = Math.max(leafSize, (this.#writer.size - first) / 16);
      if (first - this.#writer.manifests.content.firstKept < step) return;
      await this.#change((said) => ({ ...said, firstKept: first }), signal);
    });
  }

  /** Does what an earlier process began: takes out of the journal what the manifest says is removed. */
  resume(signal: AbortSignal): Promise<void> {
    return this.turns.run(signal, () => this.#prune(signal));
  }

  async #firstKept({ entries, milliseconds }: Retention): Promise<number> {
    const { size, times, manifests } = this.#writer;
    const byCount = entries === undefined ? size : Math.max(0, size - entries);
    const byAge = milliseconds === undefined ? size : await times.firstAfter(timeNow() - milliseconds);
    // The newest snapshot stands for all before it, and for nothing after it.
    return Math.min(byCount, byAge, manifests.content.snapshot ?? size);
  }

  async #change(change: (said: Said) => Said, signal: AbortSignal): Promise<number> {
    const { manifests } = this.#writer;
    let added = 0;
    await manifests.change((content) => {
      const { snapshot, ...rest } = content;
      const { removed, firstKept } = change(content);
      // Below the first that is kept nothing has to be said of each.
      const after = {
        removed: subtractRanges(joinRanges(removed), [{ first: 0, count: firstKept }]),
        firstKept,
      };
      const gone = removedBy(after);
      added = countOf(subtractRanges(gone, removedBy(content)));
      // Without its content it stands for nothing any more.
      const isLeft = snapshot !== undefined && rangeWith(gone, snapshot) === undefined;
      return { ...rest, ...after, ...(isLeft && { snapshot }) };
    });
    throwIfAborted(signal);
    await this.#prune(signal);
    return added;
  }

  async #prune(signal: AbortSignal): Promise<void> {
    const { journal, sealing, size } = this.#writer;
    const ranges = removedBy(this.#writer.manifests.content);
    const missing = subtractRanges(ranges, await loadRemoved(journal));
    if (missing.length > 0) await this.onPrune(missing);
    this.#writer.removed = await removeFromJournal(journal, ranges, { sealing, size, signal });
  }
}

function rangesOf(entries: Removable, size: number): SequenceRanges {
  const given: readonly (number | EntryRange)[] = Array.isArray(entries) ? entries : [entries];
  const ranges = given.map((one) => (typeof one === "number" ? { first: one, count: 1 } : one));
  for (const range of ranges) {
    const { first = -1, count = -1 } = (range ?? {}) as Partial<EntryRange>;
    const isRange = Number.isSafeInteger(first) && first >= 0 && Number.isSafeInteger(count) && count >= 1;
    if (isRange && endOf({ first, count }) <= size) continue;
    throw new InvalidInputError(
      `Only entries of the log can be removed: sequence numbers from 0 to ${size - 1}, and ranges of them. Nothing was removed.`,
      { operation: "writer.remove" },
    );
  }
  return joinRanges(ranges);
}
