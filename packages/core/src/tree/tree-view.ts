// The tree below a verified head, read from a storage as far as it is needed.

import type { Address } from "../address/address.ts";
import type { HashType } from "../address/hash-type.ts";
import { Semaphore } from "../async/semaphore.ts";
import { raceSignal, withAnySignal } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError, InvalidInputError } from "../errors/index.ts";
import { type Bundle, isBundleOnly, isInBundle } from "../log/bundle.ts";
import { appendPeaks, type VerifiedHead } from "../log/head.ts";
import { type ExpectedNode, type IndexNode, readIndexNode } from "../log/index-node.ts";
import { decodePage, leafHashesOf, type Page, type Ref } from "../log/page.ts";
import { addressHoldsContentHash } from "../log/pair.ts";
import { CompactRange, hashNode, perfectSubtreeHash, type SubtreeSource } from "../merkle/index.ts";
import { getChecked } from "../remote/checked-get.ts";
import { getPart } from "../remote/checked-range.ts";
import type { ByteRange, StorageBackend } from "../remote/storage-backend.ts";
import type { ObjectReading, ReadGate } from "./read-gate.ts";
import { LARGEST_NODE, type ReaderLimits } from "./reader-limits.ts";
import { SharedReads } from "./shared-reads.ts";

/** Index nodes kept in memory: enough for one path and for reading ahead. */
const NODES_KEPT = 40;

/** What a request costs if the storage does not say: its headers and those of the answer, and what a price list asks for it. */
const REQUEST_BYTES = 2048;

/** Pages kept in memory that were read for a proof: entries are wanted next of the newest. */
const PAGES_KEPT = 2;

/** Bundles kept in memory: enough for whoever reads their pages one by one. */
const BUNDLES_KEPT = 4;

/**
 * The tree below one verified head, read from a storage as far as it is needed. Every node and page is checked
 * against the level above it, up to the signed root, before anything of it is used.
 */
export class TreeView implements SubtreeSource {
  readonly head: VerifiedHead;
  /** How much is taken in. */
  readonly limits: ReaderLimits;
  readonly #storage: StorageBackend;
  /** Ends the reads that several callers share. */
  readonly closing: AbortSignal;
  readonly #gate: ReadGate;
  readonly #nodes = new SharedReads<string, IndexNode>(NODES_KEPT);
  readonly #bundles = new SharedReads<number, readonly Page[]>(BUNDLES_KEPT);
  /** The bundle of which a page was read last, by its first page. */
  #parted: number | undefined;
  #rangesFailed = false;
  // Pages that were read for their leaf hashes: a proof needs many parts of one page at once.
  readonly #proven = new SharedReads<number, Page>(PAGES_KEPT);

  /**
   * @param closing - ends the reads that several callers share
   * @param gate - limits concurrent reads, and may repeat them; default one for this view alone
   */
  constructor(
    head: VerifiedHead,
    storage: StorageBackend,
    limits: ReaderLimits,
    closing: AbortSignal,
    gate: ReadGate = new Semaphore(limits.concurrency),
  ) {
    this.head = head;
    this.#storage = storage;
    this.limits = limits;
    this.closing = closing;
    this.#gate = gate;
  }

  /** Number of entries. */
  get size(): number {
    return this.head.checkpoint.size;
  }

  /** Number of leaf pages below the head. */
  get pages(): number {
    return this.head.shape.pages;
  }

  /** Entries in a full leaf page. */
  get leafSize(): number {
    return this.head.genesis.genesis.leafSize;
  }

  get #fanOut(): number {
    return this.head.genesis.genesis.fanOut;
  }

  /** The kinds of address that the storage accepts. */
  get hashTypes(): readonly HashType[] {
    return this.#storage.capabilities.hashTypes;
  }

  /** What a request to the storage costs, as the number of bytes that could be read instead. */
  get requestBytes(): number {
    return this.#storage.capabilities.requestBytes ?? REQUEST_BYTES;
  }

  /** Whether parts of objects can be read: the storage says so, and none failed. */
  get readsRanges(): boolean {
    const isAble = this.#storage.capabilities.ranges === true && this.#gate.readThrough === undefined;
    return isAble && !this.#rangesFailed;
  }

  /** Where the tree is read from. */
  get storage(): StorageBackend {
    return this.#storage;
  }

  /**
   * The ref to a child of the index.
   *
   * @param level - 0 for leaf pages, 1 for the nodes that hold refs to pages, and so on
   * @param index - which of them, counted from the oldest
   */
  async ref(level: number, index: number, signal?: AbortSignal): Promise<Ref> {
    const shape = this.head.shape.levels[level];
    const parent = this.head.levels[level];
    if (shape === undefined || parent === undefined || index >= shape.first + shape.refs) {
      throw new InvalidInputError(`The log has no index entry ${index} at level ${level}.`, {
        operation: "index.read",
      });
    }
    const stored = parent.node?.refs ?? 0;
    const inHead = index - shape.first - stored;
    if (inHead >= 0) return parent.refs[inHead]!;
    const { refs } = await this.#nodeAbove(level, index, signal);
    return refs[index % this.#fanOut]!;
  }

  /**
   * The pages whose refs are in the same node as that of a page, and which of them are stored together.
   *
   * @returns the number of the page after the last of them, and the bundles
   */
  async neighbours(
    page: number,
    signal?: AbortSignal,
  ): Promise<{ readonly end: number; readonly bundles: readonly Bundle[] }> {
    const shape = this.head.shape.levels[0]!;
    const inNodes = shape.first + (this.head.levels[0]!.node?.refs ?? 0);
    if (page >= inNodes) return { end: this.pages, bundles: [] };
    const end = Math.min(inNodes, (Math.floor(page / this.#fanOut) + 1) * this.#fanOut);
    const { bundles } = await this.#nodeAbove(0, page, signal);
    return { end, bundles };
  }

  /** Starts to read the index node that holds the ref to a page, so that it is there when it is needed. */
  prefetchRef(page: number): void {
    if (page < this.pages) this.ref(0, page).catch(() => undefined);
  }

  /** Reads and verifies one leaf page, from the bundle that holds it if it is stored there alone. */
  async page(index: number, signal?: AbortSignal): Promise<Page> {
    return (await this.fetchPage(index, signal))();
  }

  /** The same; if the form that its ref tells can't be had or is wrong, it is read in the other, if it has one. */
  pageInEitherForm(index: number, signal: AbortSignal): Promise<Page> {
    const proven = this.#proven.get(index);
    return proven === undefined ? this.#inEitherForm(index, signal) : raceSignal(proven, signal);
  }

  async #inEitherForm(index: number, signal: AbortSignal): Promise<Page> {
    try {
      return (await this.#fetchPage(index, signal))();
    } catch (failure) {
      const { pageInBundle } = await import("./other-form.ts");
      return pageInBundle(this, index, failure, signal);
    }
  }

  /**
   * Reads one leaf page. Until it is decoded, it takes no more memory than its bytes, if it is not in a bundle alone.
   *
   * @returns decodes and verifies it
   */
  async fetchPage(index: number, signal?: AbortSignal): Promise<() => Page> {
    const proven = this.#proven.get(index);
    if (proven === undefined) return this.#fetchPage(index, signal);
    const page = await raceSignal(proven, signal);
    return () => page;
  }

  #fetchPage(index: number, signal: AbortSignal | undefined): Promise<() => Page> {
    return withAnySignal([signal], async (own) => {
      const [ref, { bundles }] = await Promise.all([this.ref(0, index, own), this.neighbours(index, own)]);
      const bundle = bundles.find((one) => isInBundle(index, one));
      if (bundle !== undefined && isBundleOnly(ref, bundle)) {
        const { readBundle, readRun } = await import("./read-bundle.ts");
        // Whoever asks for a second page is likely to ask for the others.
        if (
          this.readsRanges &&
          this.#bundles.get(bundle.first) === undefined &&
          this.#parted !== bundle.first
        ) {
          this.#parted = bundle.first;
          const [page] = await readRun(this, bundle, { from: index, to: index + 1 }, own);
          return () => page!;
        }
        const read = () => readBundle(this, bundle, this.closing);
        const pages = await this.#bundles.run(bundle.first, own, read);
        return () => pages[index - bundle.first]!;
      }
      const bytes = await this.#get(ref.address, this.limits.pageBytes, own);
      return () => decodePage(bytes, this.leafSize, ref.hash);
    });
  }

  /** Reads an object and verifies it against its address; its contents are not yet verified against the root. */
  object(address: Address, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    return withAnySignal([signal, this.closing], (own) => this.#get(address, maxBytes, own));
  }

  /** Reads a part of an object, no longer than a page may be, which nothing verifies. It is not repeated: whoever asks reads all of the object if this fails. */
  async part(address: Address, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    const options = (own: AbortSignal) => ({ maxBytes: this.limits.pageBytes, signal: own });
    try {
      return await withAnySignal([signal, this.closing], (own) =>
        this.#once(own, () => getPart(this.#storage, address, range, options(own))),
      );
    } catch (error) {
      // Neither this service nor what is before it may read ranges: each of them would cost a request for nothing.
      this.#rangesFailed ||= !signal.aborted;
      throw error;
    }
  }

  /**
   * Reads what may be a content, and verifies it against its address. Nothing verified says that it is one.
   *
   * @returns `undefined` if it can't be had, whatever the reason
   */
  async hinted(address: Address, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const options = { maxBytes: this.limits.contentBytes, signal };
    const read = (): Promise<Uint8Array> =>
      this.#once(signal, () => getChecked(this.#storage, address, options));
    return this.#readThrough(address, options, read).catch(() => undefined);
  }

  #once<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    const gate = this.#gate;
    return gate.once ? gate.once(signal, read) : gate.run(signal, read);
  }

  /**
   * Reads a content that is not embedded, and verifies it against its address and against the signed hash.
   *
   * @param early - the content, verified against its address, if it was read before
   */
  async content(
    address: Address,
    contentHash: Uint8Array,
    signal?: AbortSignal,
    early?: Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array> {
    const read = (): Promise<Uint8Array> =>
      withAnySignal([signal], (own) => this.#get(address, this.limits.contentBytes, own));
    const content = (await early) ?? (await read());
    // An address of another hash type (a Swarm tree, for example) says nothing about the hash that was signed.
    if (!addressHoldsContentHash(address) && !bytesEqual(contentHash, sha256(content))) {
      throw new IntegrityError(`The content at ${address} is not the one that the writer signed.`, {
        operation: "storage.get",
      });
    }
    return content;
  }

  /**
   * The compact range of the first entries of this tree, taken from the refs: it proves whether an older checkpoint
   * is a prefix of this one, and a tree can grow from it.
   */
  async prefix(size: number, signal?: AbortSignal): Promise<CompactRange> {
    if (size > this.size)
      throw new InvalidInputError("The tree is smaller than that.", { operation: "tree.prefix" });
    const range = CompactRange.empty();
    for (let level = this.head.shape.levels.length - 1; level >= 0; level--) {
      const { leavesPerRef, first, refs } = this.head.shape.levels[level]!;
      const end = Math.min(Math.floor(size / leavesPerRef), first + refs);
      const node = this.head.levels[level]!.node;
      if (node !== undefined && first + node.refs <= end) {
        // All that the node holds is in the prefix, and so is all before it. The head has its peaks: nothing has to be read.
        appendPeaks(range, node.peaks, node.refs, leavesPerRef);
      }
      for (let index = range.size / leavesPerRef; index < end; index++) {
        range.appendSubtree((await this.ref(level, index, signal)).hash, leavesPerRef);
      }
    }
    // At the border of a page its refs have told all: the page behind it may be withheld.
    if (range.size === size) return range;
    for (const leaf of (await this.#leavesFrom(range.size, signal)).slice(0, size - range.size))
      range.appendLeaf(leaf);
    return range;
  }

  /** The hash of an aligned perfect subtree of this tree: the source from which proofs are made. */
  async subtree(start: number, leaves: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (start % leaves !== 0 || start + leaves > this.size) {
      throw new InvalidInputError("The tree has no such subtree.", { operation: "tree.subtree" });
    }
    const { levels } = this.head.shape;
    const level = levels.findIndex(({ leavesPerRef }) => leavesPerRef === leaves);
    if (level >= 0 && start + leaves <= (levels[level]!.first + levels[level]!.refs) * leaves) {
      return (await this.ref(level, start / leaves, signal)).hash;
    }
    if (leaves <= this.leafSize) {
      const pageStart = Math.floor(start / this.leafSize) * this.leafSize;
      const hashes = await this.#leavesFrom(pageStart, signal);
      return perfectSubtreeHash(hashes.slice(start - pageStart, start - pageStart + leaves));
    }
    // No ref has this hash: the subtree lies between two levels, or on the right edge, where full nodes have not moved up yet.
    const half = leaves / 2;
    const [left, right] = await withAnySignal([signal], (own) =>
      Promise.all([this.subtree(start, half, own), this.subtree(start + half, half, own)]),
    );
    return hashNode(left, right);
  }

  /** The leaf hashes of the page, or of the head's entries, that begin at an entry. */
  async #leavesFrom(start: number, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
    const index = start / this.leafSize;
    if (index >= this.pages) return this.head.leafHashes;
    const read = (): Promise<Page> => this.#inEitherForm(index, this.closing);
    return leafHashesOf(await this.#proven.run(index, signal, read));
  }

  // A node of a level that holds the ref to a child, if the head does not hold it.
  #nodeAbove(level: number, child: number, signal?: AbortSignal): IndexNode | Promise<IndexNode> {
    const { first } = this.head.shape.levels[level]!;
    const index = Math.floor(child / this.#fanOut);
    const firstPage = level === 0 ? index * this.#fanOut : undefined;
    const isFull = child < first;
    const read = async (): Promise<IndexNode> => {
      const node = isFull ? await this.ref(level + 1, index) : this.head.levels[level]!.node!;
      const [count, peaks] = "peaks" in node ? [node.refs, node.peaks] : [this.#fanOut, [node.hash]];
      return this.#readNode(node.address, { count, peaks, firstPage });
    };
    return this.#nodes.run(`${level}/${index}`, signal, read);
  }

  async #readNode(address: Address, expected: ExpectedNode): Promise<IndexNode> {
    const bytes = await withAnySignal([this.closing], (own) => this.#get(address, LARGEST_NODE, own));
    return readIndexNode(bytes, expected);
  }

  #get(address: Address, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const options = { maxBytes, ...(signal && { signal }) };
    const read = (): Promise<Uint8Array> =>
      this.#gate.run(signal, () => getChecked(this.#storage, address, options));
    return this.#readThrough(address, options, read);
  }

  #readThrough(
    address: Address,
    options: Omit<ObjectReading, "hashTypes">,
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const { hashTypes } = this;
    return this.#gate.readThrough?.(address, { hashTypes, ...options }, read) ?? read();
  }
}
