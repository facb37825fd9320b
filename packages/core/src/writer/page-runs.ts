// Cuts pages into objects as they are stored: each by itself, or bundled in runs; docs/protocol.md, "Bundles".

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { lastOf } from "../bytes.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { BundledPages, RemoteRecords } from "../journal/remote-records.ts";
import { type Bundle, isBundleOnly, isInBundle } from "../log/bundle.ts";
import { LARGEST_BUNDLE, layRun, pagesInRun, type Run } from "../log/lay-run.ts";
import { encodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import type { Cuts } from "../log/tree-shape.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { addBundle, addRef, type GrowingLevel, type IndexStep } from "./index-levels.ts";
import type { Uploads } from "./uploads.ts";

/** Entries whose contents are stored before their pages, and those before the index nodes: one stage. */
export const ENTRIES_AT_ONCE: number = 4096;

/** Where objects go: into a storage, or nowhere, if only their addresses are asked for. */
export type Sink = Pick<Uploads, "address" | "put" | "settled">;

interface Parts {
  readonly records: RemoteRecords;
  readonly genesis: Cuts;
  readonly storage: StorageBackend;
  /** Whether older pages are stored together. */
  readonly bundles: boolean;
  /** Whether pages that are in a bundle are left to it, once their node is full. */
  readonly leavesPages?: boolean;
  /** The pairs of entries whose contents are stored. */
  readonly pairs: (from: number, to: number) => Promise<Pair[]>;
}

/** What is stored at once. */
export interface Stage {
  /** Number of full pages that are stored. */
  readonly stored: number;
  /** Number of the page after the last one to be stored. */
  readonly end: number;
  /** How many full pages there will be after all stages. */
  readonly pages: number;
  /** Whether what was stored is looked for: then it has the form that it had. */
  readonly doubted: boolean;
}

/** A page that was stored by itself, and is read from its bundle now. */
export interface LeftPage {
  readonly page: number;
  readonly address: Address;
  /** The bundle. */
  readonly bundle: Address;
}

/** The runs of pages of a log on one remote: aligned, and bundled once a page follows them. */
export class PageRuns {
  readonly #parts: Parts;
  /** How many pages are bundled together, if any are; 1 if pages are as large as bundles. */
  readonly run: number;
  /** Which pages are in bundles, as far as they fit into them. */
  bundled: BundledPages = { from: 0, to: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.run = pagesInRun(parts.genesis);
  }

  /** How many pages are stored in one form or another: a run, or a page if none are bundled. */
  get step(): number {
    return this.#parts.bundles ? this.run : 1;
  }

  /** For what is stored already: only its address is asked for. */
  readonly nowhere: Sink = {
    address: (content) => addressOf(content, this.#parts.storage.capabilities.hashTypes[0]!),
    put: async () => undefined,
    settled: async () => undefined,
  };

  /**
   * Takes over what the journal knows. Pages that were stored in another way, by an earlier version or with another setting, are
   * left as they are.
   *
   * @param growing - number of the first page whose ref is in the newest node
   */
  load(bundled: BundledPages | undefined, pages: number, growing: number): void {
    const begun = this.#begun(pages);
    const { from, to } = bundled ?? { from: begun, to: begun };
    this.bundled = { from, to: Math.max(to, growing) };
  }

  /** The run that is stored next, given how many pages are stored: the one after those that are bundled, or the one that is begun. */
  next(stored: number): number {
    const begun = this.#begun(stored);
    return this.#parts.bundles ? Math.min(begun, this.bundled.to) : begun;
  }

  #begun(pages: number): number {
    return Math.floor(pages / this.run) * this.run;
  }

  /** Whether a run is bundled now, given how many pages there will be. */
  closes(first: number, pages: number): boolean {
    return this.#parts.bundles && this.run > 1 && first >= this.bundled.to && first + this.run < pages;
  }

  /**
   * Gives a sink the pages and bundles of a stage, and adds them to the levels of the index.
   *
   * @param added - the entries of the pages that are not stored
   */
  async lay(
    stage: Stage,
    added: readonly Pair[],
    levels: GrowingLevel[],
    sink: Sink,
  ): Promise<{
    readonly steps: readonly IndexStep[];
    readonly bundled: BundledPages;
    readonly left: readonly LeftPage[];
  }> {
    const { fanOut, leafSize } = this.#parts.genesis;
    const from = this.next(stage.stored);
    const unstored = Math.max(from, stage.stored);
    const steps: IndexStep[] = [];
    const left: LeftPage[] = [];
    let { to } = this.bundled;
    let before = await this.endOf(from);
    for (let first = from; first < stage.end; first += this.run) {
      const [start, end] = [first - unstored, first - unstored + this.run];
      const inRun = added.slice(Math.max(0, start) * leafSize, Math.max(0, end) * leafSize);
      const run = await this.#runOf(first, inRun, stage);
      const laid = await layRun({ ...run, before }, sink);
      before = laid.last;
      for (const ref of laid.refs) {
        if (!stage.doubted) left.push(...this.#leavePages(levels, steps));
        for (const step of await addRef(levels, 0, ref, { fanOut, address: (node) => sink.address(node) }))
          steps.push(step);
      }
      for (const bundle of laid.bundles) steps.push(addBundle(levels, bundle));
      if (this.closes(first, stage.pages)) to = first + this.run;
    }
    return { steps, bundled: { ...this.bundled, to }, left };
  }

  // In a node that is full, pages that are in a bundle too are left to it.
  #leavePages(levels: GrowingLevel[], steps: IndexStep[]): LeftPage[] {
    const [growing] = levels;
    const { leavesPages, genesis } = this.#parts;
    if (leavesPages !== true || growing === undefined || growing.refs.length < genesis.fanOut) return [];
    const { first, bundles = [] } = growing;
    const left: LeftPage[] = [];
    const refs = growing.refs.map((ref, i) => {
      const bundle = bundles.find((one) => isInBundle(first + i, one));
      if (bundle === undefined || isBundleOnly(ref, bundle)) return ref;
      left.push({ page: first + i, address: ref.address, bundle: bundle.address });
      const now = { address: bundle.address, hash: ref.hash };
      steps.push({ kind: "ref", level: 0, index: first + i, ref: now });
      return now;
    });
    levels[0] = { ...growing, refs };
    return left;
  }

  /**
   * Gives sinks all objects that a run may be stored as, of whose pages some are not stored.
   *
   * @param stage - how many pages are stored, and how many there are in all
   * @param pairs - the entries of those that are not stored
   * @param sinks - for pages by themselves, and for what they are bundled in
   * @returns the address of its last bundle or page
   */
  async layUnstored(
    first: number,
    stage: Pick<Stage, "stored" | "pages">,
    pairs: readonly Pair[],
    before: Address | undefined,
    sinks: { readonly pages: Sink; readonly bundles: Sink },
  ): Promise<Address | undefined> {
    const open = await this.#runOf(first, pairs, { ...stage, pages: 0, doubted: false });
    const { last } = await layRun({ ...open, before }, sinks.pages);
    if (!this.closes(first, stage.pages)) return last;
    const closed = await this.#runOf(first, pairs, { ...stage, doubted: false });
    return (await layRun({ ...closed, before }, sinks.bundles)).last;
  }

  /** Gives a sink the newest page by itself, if it is stored in a bundle alone; its ref then. */
  async newestAlone({ first, refs, bundles }: GrowingLevel, sink: Sink): Promise<Ref | undefined> {
    const page = first + refs.length - 1;
    const newest = lastOf(refs);
    const bundle = bundles?.find((one) => isInBundle(page, one));
    if (newest === undefined || !isBundleOnly(newest, bundle)) return undefined;
    const { leafSize } = this.#parts.genesis;
    const pairs = await this.#parts.pairs(page * leafSize, (page + 1) * leafSize);
    const bytes = encodePage(pairs, await this.endOf(bundle!.first));
    const address = await sink.address(bytes);
    await sink.put(bytes, address);
    return { address, hash: newest.hash };
  }

  async #runOf(
    first: number,
    added: readonly Pair[],
    { stored, pages, doubted }: Omit<Stage, "end">,
  ): Promise<Omit<Run, "before">> {
    const { records, storage, pairs: storedPairs } = this.#parts;
    const { leafSize } = this.#parts.genesis;
    // What is looked for has the form that it had, whatever is to be done with what is new.
    const former = doubted && this.run > 1 ? await this.#formerRun(first) : undefined;
    const wasBundled =
      former === undefined ? undefined : former.bundles.length > 0 && first + this.run < pages;
    const closes = wasBundled ?? this.closes(first, pages);
    const known = Math.max(0, Math.min(stored - first, this.run));
    const before = closes
      ? await storedPairs(first * leafSize, (first + known) * leafSize)
      : new Array<Pair>(known * leafSize);
    const pairs = [...before, ...added];
    return {
      first,
      pages: Array.from({ length: Math.floor(pairs.length / leafSize) }, (_, i) =>
        pairs.slice(i * leafSize, (i + 1) * leafSize),
      ),
      stored: await records.loadRefs(0, first, first + known),
      closes,
      alone: (page) => former?.alone.has(page) === true,
      largest: Math.min(LARGEST_BUNDLE, storage.capabilities.largestContent),
    };
  }

  // `undefined` if the run was never stored.
  async #formerRun(
    first: number,
  ): Promise<{ readonly bundles: readonly Bundle[]; readonly alone: ReadonlySet<number> } | undefined> {
    const { records } = this.#parts;
    const bundles = await records.bundles.load(first, first + this.run);
    const alone = new Set<number>();
    for (let page = first; page < first + this.run; page++) {
      const ref = await records.loadRef(0, page);
      const bundle = bundles.find((one) => isInBundle(page, one));
      if (ref !== undefined && !isBundleOnly(ref, bundle)) alone.add(page);
    }
    return bundles.length + alone.size === 0 ? undefined : { bundles, alone };
  }

  /** The address of the bundle or page that ends before a page; `undefined` before the first. */
  async endOf(page: number): Promise<Address | undefined> {
    if (page === 0) return undefined;
    const { records, genesis } = this.#parts;
    const last = lastOf(await records.bundles.load(Math.max(0, page - genesis.fanOut), page));
    if (last !== undefined && last.first + last.lengths.length === page) return last.address;
    return (await records.loadRef(0, page - 1))?.address;
  }

  /** The steps of a batch that note what was stored. */
  async operations(steps: readonly IndexStep[]): Promise<BatchOperation[]> {
    const { records } = this.#parts;
    const operations: BatchOperation[] = [];
    for (const step of steps) {
      if (step.kind === "ref") operations.push(records.refOperation(step.level, step.index, step.ref));
      if (step.kind !== "bundle") continue;
      const { first, lengths } = step.bundle;
      // Those of entries that a recovery replaced.
      const former = await records.bundles.load(first, first + lengths.length);
      operations.push(...former.map((one) => records.bundles.deleteOperation(one)));
      operations.push(records.bundles.putOperation(step.bundle));
    }
    return operations;
  }
}
