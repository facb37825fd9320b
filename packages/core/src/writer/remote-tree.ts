// The pages and index nodes of a log on one remote, as they grow.

import { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { Genesis } from "../log/genesis.ts";
import { type HeadLevel, rootOf } from "../log/head.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import { encodePage } from "../log/page.ts";
import { leafHashOf, type Pair, pairLeafHash } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import { treeShape } from "../log/tree-shape.ts";
import { CompactRange, perfectSubtreeHash } from "../merkle/index.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { addRef, type GrowingLevel, headLevel, type IndexStep, refsToFold } from "./index-levels.ts";
import { Uploads } from "./uploads.ts";
import type { WriterState } from "./writer-state.ts";

/** Entries that are stored as pages before the journal records the progress. */
const ENTRIES_AT_ONCE = 4096;

/** The newest part of a log, all below it stored: what a head is made of. */
export interface StoredTree {
  readonly levels: readonly HeadLevel[];
  readonly pairs: readonly Pair[];
}

/** The pages and index nodes of a log on one remote. Grows at its right edge only. */
export class RemoteTree {
  readonly #journal: Journal;
  readonly #records: RemoteRecords;
  readonly #storage: StorageBackend;
  readonly #genesis: Genesis;
  readonly #sealing: Sealing;
  readonly #largestEmbedded: number;
  #pages = 0;
  #levels: GrowingLevel[] = [];
  // Contents of entries that are still in the head: they are stored already when the next head is made.
  #uploaded: ReadonlySet<number> = new Set();

  constructor(
    { journal, genesis, sealing }: Pick<WriterState, "journal" | "genesis" | "sealing">,
    options: {
      readonly records: RemoteRecords;
      readonly storage: StorageBackend;
      /** Largest content that is embedded in a page, in bytes. */
      readonly largestEmbedded: number;
    },
  ) {
    this.#journal = journal;
    this.#genesis = genesis.genesis;
    this.#sealing = sealing;
    this.#records = options.records;
    this.#storage = options.storage;
    this.#largestEmbedded = options.largestEmbedded;
  }

  /** Loads what the journal knows to be stored. */
  async load(): Promise<void> {
    const { pages, nodes } = await this.#records.loadTree();
    const { levels } = treeShape(pages * this.#genesis.leafSize + 1, this.#genesis);
    this.#pages = pages;
    this.#levels = [];
    this.#uploaded = new Set();
    for (const [level, { first, refs }] of levels.entries()) {
      const node = nodes[level];
      this.#levels.push({
        first,
        refs: await this.#records.loadRefs(level, first, first + refs),
        ...(node && { node: { address: Address.fromString(node.address), refs: node.refs } }),
      });
    }
  }

  /**
   * Stores what the remote lacks of the first `size` entries: contents, then pages, then index nodes, each stage
   * acknowledged before the next begins.
   *
   * @param root - the root that the journal's own tree has at this size: what was read back from the journal
   * must agree with it before anybody signs
   */
  async store(size: number, root: Uint8Array, signal: AbortSignal): Promise<StoredTree> {
    const { pages, levels } = treeShape(size, this.#genesis);
    const pagesAtOnce = Math.max(1, Math.floor(ENTRIES_AT_ONCE / this.#genesis.leafSize));
    while (this.#pages < pages) await this.#storePages(Math.min(this.#pages + pagesAtOnce, pages), signal);
    const uploads = new Uploads(this.#storage, signal);
    const pairs = await this.#pairs(this.#pages * this.#genesis.leafSize, size, uploads);
    await this.#fold(signal);
    const stored = { levels: this.#levels.map(headLevel), pairs };
    const shape = { size, pages, levels };
    if (!bytesEqual(rootOf(stored.levels, shape, pairs.map(pairLeafHash)), root)) {
      throw corrupt("its entries do not give the root that they had when they were appended");
    }
    return stored;
  }

  /** The tree of the first `size` entries, from the stored refs and, past them, the journal's entries. */
  async prefix(size: number): Promise<CompactRange> {
    const range = CompactRange.empty();
    const { levels } = treeShape(this.#pages * this.#genesis.leafSize + 1, this.#genesis);
    for (let level = levels.length - 1; level >= 0; level--) {
      const { leavesPerRef, first, refs } = levels[level]!;
      const start = range.size / leavesPerRef;
      const end = Math.min(Math.floor(size / leavesPerRef), first + refs);
      if (end <= start) continue;
      for (const { hash } of await this.#records.loadRefs(level, start, end))
        range.appendSubtree(hash, leavesPerRef);
    }
    for (const leaf of await this.#leaves(range.size, size)) range.appendLeaf(leaf);
    return range;
  }

  async #leaves(from: number, to: number): Promise<Uint8Array[]> {
    const leaves: Uint8Array[] = [];
    for await (const { localHash, contentHash } of this.#journal.entries(from, to, this.#sealing)) {
      leaves.push(leafHashOf(localHash, contentHash));
    }
    return leaves;
  }

  async #storePages(end: number, signal: AbortSignal): Promise<void> {
    const { leafSize, fanOut } = this.#genesis;
    const contents = new Uploads(this.#storage, signal);
    const pairs = await this.#pairs(this.#pages * leafSize, end * leafSize, contents);

    const pages = new Uploads(this.#storage, signal);
    const levels = [...this.#levels];
    const steps: IndexStep[] = [];
    let tail = levels[0]?.refs.at(-1)?.address;
    for (let at = 0; at < pairs.length; at += leafSize) {
      const inPage = pairs.slice(at, at + leafSize);
      const bytes = encodePage(inPage, tail);
      tail = await pages.address(bytes);
      await pages.put(bytes, tail);
      const ref = { address: tail, hash: perfectSubtreeHash(inPage.map(pairLeafHash)) };
      steps.push(...(await addRef(levels, 0, ref, { fanOut, address: (node) => pages.address(node) })));
    }
    await pages.settled();

    const nodes = new Uploads(this.#storage, signal);
    for (const step of steps) if (step.kind === "node") await nodes.put(step.bytes, step.address);
    await nodes.settled();

    const refs = steps.filter((step) => step.kind === "ref");
    this.#pages = end;
    this.#levels = levels;
    const operations = refs.map(({ level, index, ref }) => this.#records.refOperation(level, index, ref));
    await this.#journal.write([...operations, this.#treeOperation()], false);
  }

  async #fold(signal: AbortSignal): Promise<void> {
    const uploads = new Uploads(this.#storage, signal);
    const levels = [...this.#levels];
    let folded = false;
    for (const [level, growing] of levels.entries()) {
      const refs = refsToFold(level, growing);
      if (refs === 0) continue;
      folded = true;
      const bytes = encodeIndexNode(growing.refs.slice(0, refs));
      const address = await uploads.address(bytes);
      await uploads.put(bytes, address);
      levels[level] = { ...growing, node: { address, refs } };
    }
    if (!folded) return;
    await uploads.settled();
    this.#levels = levels;
    await this.#journal.write([this.#treeOperation()], false);
  }

  async #pairs(from: number, to: number, uploads: Uploads): Promise<Pair[]> {
    const pairs: Pair[] = [];
    const pointers: number[] = [];
    const entries = this.#journal.entries(from, to, this.#sealing);
    for await (const { sequence, localHash, contentHash, stored } of entries) {
      if (stored.length <= this.#largestEmbedded) {
        pairs.push({ localHash, contentHash, place: { kind: "embedded", stored } });
        continue;
      }
      const address = await uploads.address(stored);
      if (!this.#uploaded.has(sequence)) await uploads.put(stored, address);
      pointers.push(sequence);
      pairs.push({ localHash, contentHash, place: { kind: "pointer", address } });
    }
    await uploads.settled();
    this.#uploaded = new Set(pointers);
    return pairs;
  }

  #treeOperation(): ReturnType<RemoteRecords["treeOperation"]> {
    const nodes = this.#levels.map(
      ({ node }) => node && { address: node.address.toString(), refs: node.refs },
    );
    return this.#records.treeOperation({ pages: this.#pages, nodes: nodes.map((node) => node ?? null) });
  }
}
