// In which form a remote gets pages, and what a publish that was cut may have stored in another form.

import type { Journal } from "../journal/journal.ts";
import type { BundledPages, FormRecord, RemoteRecords } from "../journal/remote-records.ts";
import type { Genesis } from "../log/genesis.ts";
import type { Pair } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { EntryPairs } from "./entry-pairs.ts";
import type { PageRewriter } from "./page-rewriter.ts";
import { ENTRIES_AT_ONCE, PageRuns, type Sink } from "./page-runs.ts";
import type { PageForm } from "./rewritten-tree.ts";

interface Parts {
  readonly journal: Journal;
  readonly sealing: Sealing;
  readonly genesis: Genesis;
  readonly records: RemoteRecords;
  readonly storage: StorageBackend;
  /** Whether older pages are stored together. */
  readonly bundles: boolean;
  /** Largest content that is embedded in a page, in bytes. */
  readonly largestEmbedded: number;
}

/** What is stored of a log on a remote. */
interface Stored {
  /** Number of full pages. */
  readonly pages: number;
  readonly runs: { readonly bundled: BundledPages };
  readonly rewriter: Pick<PageRewriter, "noteUnknown">;
}

/** The form of pages, which follows from settings that another process may have had otherwise. */
export class PageForms {
  readonly #parts: Parts;
  /** The size from which on contents may be stored on their own, by any settings so far, in bytes. */
  leastEmbedded: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.leastEmbedded = parts.largestEmbedded;
  }

  /**
   * Notes in which form pages are made from now on. If it was another, what a publish that was cut may have stored in that form is
   * noted as old objects: no later publish comes to it, and it may hold what is removed later.
   *
   * @param size - number of entries in the journal
   */
  async note(size: number, { pages, runs, rewriter }: Stored): Promise<void> {
    const { records, journal, genesis, bundles, largestEmbedded } = this.#parts;
    const former = await records.loadForm();
    this.leastEmbedded = Math.min(largestEmbedded, former?.leastEmbedded ?? largestEmbedded);
    if (former?.bundles === bundles && former.largestEmbedded === largestEmbedded) return;
    if (former !== undefined) {
      const form = this.#formOf(former, pages, runs.bundled);
      // Of more than one stage nothing can have been stored that is not noted.
      const count = (form.nextRun + form.runs.run) * genesis.leafSize + ENTRIES_AT_ONCE;
      await rewriter.noteUnknown([{ first: 0, count: Math.min(size, count) }], size, form);
    }
    const { leastEmbedded } = this;
    await journal.write([records.formOperation({ bundles, largestEmbedded, leastEmbedded })], true);
  }

  #formOf(
    { bundles, largestEmbedded }: FormRecord,
    pages: number,
    bundled: BundledPages,
  ): PageForm & { readonly runs: PageRuns } {
    const entries = new EntryPairs({ ...this.#parts, largestEmbedded });
    const pairs = (from: number, to: number, uploads: Sink): Promise<Pair[]> =>
      entries.pairs(from, to, uploads, () => undefined);
    const runs: PageRuns = new PageRuns({
      ...this.#parts,
      bundles,
      pairs: (from, to) => pairs(from, to, runs.nowhere),
    });
    runs.bundled = bundled;
    return { runs, nextRun: runs.next(pages), pairs };
  }
}
