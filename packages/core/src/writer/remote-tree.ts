// The pages and index nodes of a log on one remote, as they grow.

import { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import type { BatchOperation } from "../journal/database.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import type { OldObjects } from "../journal/old-objects.ts";
import type { DoubtRecord, RemoteRecords } from "../journal/remote-records.ts";
import type { Genesis } from "../log/genesis.ts";
import { rootOf } from "../log/head.ts";
import { capacityOf } from "../log/log-limits.ts";
import { type Pair, pairLeafHash } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import type { SequenceRanges } from "../log/sequence-ranges.ts";
import { treeShape } from "../log/tree-shape.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { AcknowledgedUploads } from "./acknowledged-uploads.ts";
import { EntryPairs } from "./entry-pairs.ts";
import { encodeFolded, type GrowingLevel, headLevel, nodeRecords, refsToFold } from "./index-levels.ts";
import { PageForms } from "./page-forms.ts";
import { PageRewriter } from "./page-rewriter.ts";
import { ENTRIES_AT_ONCE, type LeftPage, PageRuns, type Sink } from "./page-runs.ts";
import { Presence } from "./presence.ts";
import { LEAST_BACKLOG, planSteps } from "./publish-steps.ts";
import { checkHeld } from "./remote-room.ts";
import { forgetsOf } from "./removal-progress.ts";
import { replacedObjects } from "./replaced-objects.ts";
import type { RewrittenTree } from "./rewritten-tree.ts";
import { storedPrefix } from "./stored-prefix.ts";
import type { DoubtOptions, RemoteTreeOptions, StoredTree, StoreOptions } from "./stored-tree.ts";
import { Uploads } from "./uploads.ts";
import type { WriterState } from "./writer-state.ts";

/** The pages and index nodes of a log on one remote. Grows at its right edge; pages lose the contents that were removed. */
export class RemoteTree implements RewrittenTree {
  readonly #journal: Journal;
  readonly #records: RemoteRecords;
  readonly #storage: StorageBackend;
  readonly #genesis: Genesis;
  readonly #sealing: Sealing;
  readonly #largestEmbedded: number;
  readonly #entries: EntryPairs;
  readonly #onStored: (stage: "uploaded" | "stored", entries: number) => void;
  /** Uploads that the pages and nodes below do not stand for. */
  readonly acknowledged: AcknowledgedUploads;
  /** Writes pages anew without the contents that were removed. */
  readonly rewriter: PageRewriter;
  /** Called after each object that was looked for, while nothing is believed. */
  onAsked: () => void = () => undefined;
  /** Cuts pages into objects. */
  readonly runs: PageRuns;
  readonly #notesReplaced: boolean;
  readonly #form: PageForms;
  #pages = 0;
  #levels: GrowingLevel[] = [];
  // The nodes that were stored at the right edge when a doubt began.
  #edge: NonNullable<DoubtRecord["edge"]> = [];
  #presence: Presence | undefined;
  #found = { asked: 0, missing: 0 };

  constructor(
    { journal, genesis, sealing }: Pick<WriterState, "journal" | "genesis" | "sealing">,
    options: RemoteTreeOptions,
  ) {
    this.#journal = journal;
    this.#genesis = genesis.genesis;
    this.#sealing = sealing;
    this.#records = options.records;
    this.#storage = options.storage;
    this.#largestEmbedded = options.largestEmbedded;
    this.#onStored = options.onStored;
    this.#entries = new EntryPairs({ ...options, journal, sealing });
    this.acknowledged = new AcknowledgedUploads(journal, options.uploadRecords);
    const parts = { journal, genesis: this.#genesis, records: this.#records, storage: this.#storage };
    const pairs = (from: number, to: number): Promise<Pair[]> => this.pairs(from, to, this.runs.nowhere);
    this.#notesReplaced = options.deletesOldPages === true && forgetsOf(options.storage) !== "never";
    const bundles = options.bundles === true;
    const forms = { bundles, leavesPages: this.#notesReplaced };
    this.#form = new PageForms({ ...parts, sealing, bundles, largestEmbedded: this.#largestEmbedded });
    this.runs = new PageRuns({ ...parts, ...forms, pairs });
    this.rewriter = new PageRewriter({ ...parts, tree: this });
  }

  /** Number of full pages that are stored. */
  get pages(): number {
    return this.#pages;
  }

  /** The rightmost node of each level, as the head will show it. */
  get levels(): readonly GrowingLevel[] {
    return this.#levels;
  }

  /** Number of entries in full pages that are stored. */
  get inPages(): number {
    return this.#pages * this.#genesis.leafSize;
  }

  /**
   * Whether nothing is believed of what was stored: the next {@link RemoteTree.store} looks for all of it, and stores what is
   * missing. Survives the process.
   */
  get doubted(): boolean {
    return this.#presence !== undefined;
  }

  /** How many objects were looked for in this process because of doubts, and how many of them were missing. */
  get found(): { readonly asked: number; readonly missing: number } {
    const { asked = 0, missing = 0 } = this.#presence ?? {};
    return { asked: this.#found.asked + asked, missing: this.#found.missing + missing };
  }

  /**
   * Ends the belief in everything that was stored.
   *
   * @param options - how to look: `damaged` objects count as missing, whatever the storage says; with `reads` each one is read
   */
  async doubt(record: DoubtRecord, options: DoubtOptions = {}): Promise<void> {
    const { from } = this.runs.bundled;
    // Doubts that come before all was found are about the same nodes.
    if (this.#edge.length === 0)
      this.#edge = this.#levels.map(({ first, node }) => (node === undefined ? null : [first, node.refs]));
    const edge = this.#edge.some((node) => node !== null) ? { edge: this.#edge } : {};
    const tree = { pages: 0, nodes: [], bundled: { from, to: from } };
    const doubts = this.#records.doubtOperations({ ...record, ...edge }, tree);
    await this.acknowledged.forgetAll((notes) => this.#journal.write([...doubts, ...notes], false));
    this.#pages = 0;
    this.runs.bundled = { from, to: from };
    this.#levels = [];
    this.#found = this.found;
    this.#presence = this.#newPresence({ ...options, ...record });
  }

  #newPresence(options: DoubtOptions & Pick<DoubtRecord, "sends">): Presence {
    return new Presence(this.#storage, { ...options, onAsked: () => this.onAsked() });
  }

  async #believe(): Promise<void> {
    if (this.#presence === undefined) return;
    await this.#journal.write([this.#records.beliefOperation()], false);
    this.#edge = [];
    this.#found = this.found;
    this.#presence = undefined;
  }

  /** Loads what the journal knows to be stored. */
  async load(): Promise<void> {
    const doubt = await this.#records.loadDoubt();
    this.#presence = doubt && this.#newPresence(doubt);
    this.#edge = doubt?.edge ?? [];
    const { pages, nodes, bundled } = await this.#records.loadTree();
    const { levels } = treeShape(pages * this.#genesis.leafSize + 1, this.#genesis);
    this.runs.load(bundled, pages, levels[0]?.first ?? 0);
    this.#pages = pages;
    this.#levels = [];
    this.#entries.clear();
    await this.acknowledged.load();
    await this.rewriter.load();
    for (const [level, { first, refs }] of levels.entries()) {
      const node = nodes[level];
      const loaded = await this.#records.loadRefs(level, first, first + refs);
      const bundles = level === 0 ? await this.#records.bundles.load(first, first + refs) : [];
      this.#levels.push({
        first,
        refs: loaded,
        ...(bundles.length > 0 && { bundles }),
        ...(node && { node: { address: Address.fromString(node.address), refs: node.refs } }),
      });
    }
  }

  /** The size from which on contents may be stored on their own, by any settings so far, in bytes. */
  get leastEmbedded(): number {
    return this.#form.leastEmbedded;
  }

  /** Notes in which form pages are made from now on. See {@link PageForms.note}. */
  noteForm(size: number): Promise<void> {
    return this.#form.note(size, this);
  }

  /**
   * Stores what the remote lacks of the first `size` entries: contents, then pages, then index nodes, each stage
   * acknowledged before the next begins. What was acknowledged is noted as it is made, also if the whole fails.
   */
  async store(size: number, { root, last, signal }: StoreOptions): Promise<StoredTree> {
    checkHeld(size, capacityOf(this.#genesis));
    const { acknowledged } = this;
    const presence = this.#presence;
    const uploads = new Uploads({ storage: this.#storage, acknowledged, presence }, signal);
    try {
      const stored = await this.#storeAll(size, uploads, last);
      const shape = treeShape(size, this.#genesis);
      if (!bytesEqual(rootOf(stored.levels, shape, stored.pairs.map(pairLeafHash)), root)) {
        throw corrupt("its entries do not give the root that they had when they were appended");
      }
      await this.#believe();
      return stored;
    } catch (error) {
      // What is still under way may succeed.
      await uploads.settled().catch(() => undefined);
      await this.acknowledged.save();
      throw error;
    }
  }

  async #storeAll(size: number, uploads: Uploads, last: boolean): Promise<StoredTree> {
    const { pages } = treeShape(size, this.#genesis);
    const { run } = this.runs;
    const runsAtOnce = Math.max(1, Math.floor(ENTRIES_AT_ONCE / this.#genesis.leafSize / run));
    while (this.#pages < pages || this.runs.closes(this.nextRun, pages)) {
      await this.#storePages(Math.min(this.nextRun + runsAtOnce * run, pages), pages, uploads);
    }
    await this.#showNewest(uploads);
    const pairs = await this.pairs(this.inPages, size, uploads);
    const contents = uploads.takeAddresses();
    await this.#fold(uploads);
    // What a publish left behind that was not finished, and that is of no use any more.
    if (last) this.acknowledged.keepOnly(contents);
    return { levels: this.#levels.map(headLevel), pairs };
  }

  /**
   * Takes the contents out of stored pages that the journal does not have any more. See {@link PageRewriter.rewrite}.
   *
   * @param published - whether a head is shown already
   */
  async rewrite(removed: SequenceRanges, published: boolean, signal: AbortSignal): Promise<void> {
    const uploads = new Uploads({ storage: this.#storage, acknowledged: this.acknowledged }, signal);
    try {
      await this.rewriter.rewrite(removed, published, uploads, signal);
    } finally {
      await uploads.settled().catch(() => undefined);
      await this.acknowledged.save();
    }
  }

  /** Puts other levels into the place of these, in one batch with further steps. */
  replaceLevels(
    levels: readonly GrowingLevel[],
    further: readonly BatchOperation[],
    uploads: Uploads,
  ): Promise<void> {
    this.#levels = [...levels];
    return this.#commit([...further, this.#treeOperation()], uploads);
  }

  /**
   * Where the name moves on the way, if there is much to publish; see `planSteps`.
   *
   * @param published - number of entries that the name shows
   * @param to - the tree of all that is to be published
   */
  async planSteps(published: number, to: CompactRange, signal: AbortSignal): Promise<CompactRange[]> {
    if (to.size - published <= LEAST_BACKLOG) return [];
    const from = await this.prefix(published);
    const entries = this.#journal.entries(published, to.size, this.#sealing);
    const settings = this.#genesis;
    const largestEmbedded = this.#largestEmbedded;
    return planSteps({ from, to, entries, settings, largestEmbedded }, signal);
  }

  /** The tree of the first `size` entries, from the stored refs and, past them, the journal's entries. */
  prefix(size: number): Promise<CompactRange> {
    const parts = { records: this.#records, journal: this.#journal, sealing: this.#sealing };
    return storedPrefix(size, { ...parts, genesis: this.#genesis, pages: this.#pages });
  }

  // Stores the pages up to one, and bundles the runs that are followed by a page.
  async #storePages(end: number, pages: number, uploads: Uploads): Promise<void> {
    const { leafSize } = this.#genesis;
    const unstored = Math.max(this.nextRun, this.#pages);
    const added = await this.pairs(unstored * leafSize, end * leafSize, uploads);

    const former = this.#levels;
    const levels = [...former];
    const stage = { stored: this.#pages, end, pages, doubted: this.doubted };
    const { steps, bundled, left } = await this.runs.lay(stage, added, levels, uploads);
    await uploads.settled();

    for (const step of steps) if (step.kind === "node") await uploads.put(step.bytes, step.address);
    await uploads.settled();

    this.#pages = Math.max(end, this.#pages);
    this.#levels = levels;
    this.runs.bundled = bundled;
    const operations = await this.runs.operations(steps);
    const replaced = await this.rewriter.replacedOperations(
      steps,
      added,
      this.#replaced(former, levels, left),
    );
    await this.#commit([...operations, ...replaced, this.#treeOperation()], uploads);
    this.#onStored("stored", this.inPages);
  }

  /** The run of pages that is stored next. */
  get nextRun(): number {
    return this.runs.next(this.#pages);
  }

  // A head shows its newest page by itself, also if a recovery left it in a bundle alone.
  async #showNewest(uploads: Uploads): Promise<void> {
    const [growing] = this.#levels;
    const ref = growing && (await this.runs.newestAlone(growing, uploads));
    if (ref === undefined) return;
    await uploads.settled();
    this.#levels[0] = { ...growing!, refs: [...growing!.refs.slice(0, -1), ref] };
    await this.#commit([this.#records.refOperation(0, this.#pages - 1, ref)], uploads);
  }

  async #fold(uploads: Uploads): Promise<void> {
    const levels = [...this.#levels];
    let folded = false;
    for (const [level, growing] of levels.entries()) {
      const [first, former] = this.#edge[level] ?? [];
      const refs = refsToFold(level, growing, first === growing.first ? former : undefined);
      if (refs === 0) continue;
      folded = true;
      const bytes = encodeFolded(growing, refs);
      const address = await uploads.address(bytes);
      await uploads.put(bytes, address);
      levels[level] = { ...growing, node: { address, refs } };
    }
    if (!folded) return;
    await uploads.settled();
    const old = await this.#records.oldObjects.addOperations(this.#replaced(this.#levels, levels));
    this.#levels = levels;
    await this.#commit([...old, this.#treeOperation()], uploads);
  }

  #replaced(
    former: readonly GrowingLevel[],
    levels: readonly GrowingLevel[],
    left: readonly LeftPage[] = [],
  ): OldObjects {
    return this.#notesReplaced
      ? replacedObjects(this.#genesis, { former, levels, left })
      : { tree: [], contents: [] };
  }

  // The tree record stands for what was put, so that the notes of it are needed no more.
  #commit(operations: BatchOperation[], uploads: Uploads): Promise<void> {
    const write = (notes: BatchOperation[]) => this.#journal.write([...operations, ...notes], false);
    return this.acknowledged.commit(write, uploads.takeAddresses());
  }

  /** The pairs of entries as the journal has them; contents that are not embedded are uploaded. */
  pairs(from: number, to: number, uploads: Sink): Promise<Pair[]> {
    return this.#entries.pairs(from, to, uploads, (entries) => this.#onStored("uploaded", entries));
  }

  /** Where the content of an entry of the pages is stored on its own; `undefined` if it is embedded in its page, or removed. */
  contentAddress(sequence: number): Promise<Address | undefined> {
    return this.#entries.contentAddress(sequence);
  }

  #treeOperation(): ReturnType<RemoteRecords["treeOperation"]> {
    return this.#records.treeOperation({
      pages: this.#pages,
      nodes: nodeRecords(this.#levels),
      bundled: this.runs.bundled,
    });
  }
}
