// Writes the pages of a remote anew without the contents that were removed; docs/protocol.md, "Removal".

import { Address } from "../address/address.ts";
import { addressOf, rawSha256 } from "../address/hash-type.ts";
import { readAhead } from "../async/read-ahead.ts";
import { lastOf } from "../bytes.ts";
import { hasCode } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { Journal } from "../journal/journal.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { Genesis } from "../log/genesis.ts";
import { encodeIndexNode } from "../log/index-node.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { decodePage, encodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import { endOf, joinRanges, rangeWith, type SequenceRanges, subtractRanges } from "../log/sequence-ranges.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { GrowingLevel } from "./index-levels.ts";
import type { Uploads } from "./uploads.ts";

/** Pages that are read at once. */
const PAGES_AT_ONCE = 16;

/** Where objects go: into a storage, or nowhere, if only their addresses are asked for. */
export type Sink = Pick<Uploads, "address" | "put" | "settled">;

/** The most objects of one record. */
const OBJECTS_AT_ONCE = 4096;

/** The tree whose pages are written anew. */
export interface RewrittenTree {
  /** Number of full pages that are stored. */
  readonly pages: number;
  readonly levels: readonly GrowingLevel[];
  /** The pairs of entries as the journal has them; contents that are not embedded are uploaded. */
  pairs(from: number, to: number, uploads: Sink): Promise<Pair[]>;
  /** Puts other levels into the place of these, in one batch of the journal with further steps. */
  replaceLevels(
    levels: readonly GrowingLevel[],
    further: readonly BatchOperation[],
    uploads: Uploads,
  ): Promise<void>;
}

interface Parts {
  readonly journal: Journal;
  readonly genesis: Genesis;
  readonly records: RemoteRecords;
  readonly storage: StorageBackend;
  readonly tree: RewrittenTree;
}

/** What a removal replaces in one remote: pages without the contents, and the index above them. */
export class PageRewriter {
  readonly #parts: Parts;
  readonly #forgets: boolean;
  #removed: SequenceRanges = [];
  #unshown = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    // If the storage forgets nothing anyway, nothing is noted for it.
    this.#forgets = parts.storage.delete !== undefined || parts.storage.release !== undefined;
  }

  /** Reads from the journal which removals the pages show. */
  async load(): Promise<void> {
    ({ removed: this.#removed, unshown: this.#unshown } = await this.#parts.records.loadRewrite());
  }

  /** Whether the name has to move, so that it leads to the new pages. */
  get unshown(): boolean {
    return this.#unshown;
  }

  /** Whether the pages show all of a set of removals, and the name leads to them. */
  shows(removed: SequenceRanges): boolean {
    return !this.#unshown && subtractRanges(removed, this.#removed).length === 0;
  }

  /**
   * Notes objects that an earlier publish may have stored without the journal knowing it, because it was cut: pages beyond the
   * known ones, and contents that no page points at yet. Called while the journal still has what is about to be removed: what
   * their addresses are follows from it.
   *
   * @param removed - the entries that are about to be removed
   * @param size - number of entries in the journal
   */
  async noteUnknown(removed: SequenceRanges, size: number): Promise<void> {
    if (!this.#forgets) return;
    const { genesis, tree, journal, records, storage } = this.#parts;
    const { leafSize } = genesis;
    const first = tree.pages * leafSize;
    const pending = subtractRanges(removed, [{ first: 0, count: first }]);
    const end = Math.min(size, endOf(pending[pending.length - 1] ?? { first: 0, count: 0 }));
    let tail = lastOf(tree.levels[0]?.refs ?? [])?.address;
    let [pages, contents]: [Address[], Address[]] = [[], []];
    const note = async (): Promise<void> => {
      await journal.write(await records.oldObjects.addOperations({ tree: pages, contents }), true);
      [pages, contents] = [[], []];
    };
    const nowhere: Sink = {
      address: (content) => addressOf(content, storage.capabilities.hashTypes[0]!),
      put: async () => undefined,
      settled: async () => undefined,
    };
    for (let from = first; from < end; from += leafSize) {
      const pairs = await tree.pairs(from, Math.min(from + leafSize, size), nowhere);
      const gone = pairs.filter((_, i) => rangeWith(pending, from + i) !== undefined);
      for (const { place } of gone) if (place.kind === "pointer") contents.push(place.address);
      if (pairs.length === leafSize) {
        tail = await nowhere.address(encodePage(pairs, tail));
        if (gone.length > 0) pages.push(tail);
      }
      if (pages.length + contents.length >= OBJECTS_AT_ONCE) await note();
    }
    await note();
  }

  /**
   * Writes the pages anew that still have contents which were removed, and the index nodes above them, group by group: each is
   * whole in the journal before the next begins, so that a rewriting that was cut continues there. What they replace is noted.
   *
   * @param removed - the entries whose contents the journal does not have any more
   * @param published - whether a head is shown already
   */
  async rewrite(
    removed: SequenceRanges,
    published: boolean,
    uploads: Uploads,
    signal: AbortSignal,
  ): Promise<void> {
    const pending = subtractRanges(removed, this.#removed);
    if (pending.length === 0) return;
    const { genesis, tree, journal, records } = this.#parts;
    let group: number[] = [];
    for (const index of pagesOf(pending, genesis.leafSize, tree.pages)) {
      if (group.length > 0 && nodeOf(group[0]!, genesis) !== nodeOf(index, genesis)) {
        await this.#rewriteGroup(group, pending, uploads, signal);
        group = [];
      }
      group.push(index);
    }
    if (group.length > 0) await this.#rewriteGroup(group, pending, uploads, signal);
    // The newest entries are in the head, which is made anew in any case.
    const contents = await this.#contentsInHead(pending);
    const unshown = this.#unshown || published;
    const noted = this.#forgets ? await records.oldObjects.addOperations({ tree: [], contents }) : [];
    await journal.write([...noted, records.rewriteOperation({ removed, unshown })], false);
    this.#removed = removed;
    this.#unshown = unshown;
  }

  /** The steps of a batch that note what pages replace which are stored anew, all of them, because nothing was believed. */
  async replacedOperations(
    refs: readonly { readonly level: number; readonly index: number; readonly ref: Ref }[],
    pairs: readonly Pair[],
  ): Promise<BatchOperation[]> {
    if (!this.#forgets || pairs.every(({ place }) => place.kind !== "removed")) return [];
    const { records } = this.#parts;
    const replaced: Address[] = [];
    for (const { level, index, ref } of refs) {
      const before = await records.loadRef(level, index);
      if (before !== undefined && !before.address.equals(ref.address)) replaced.push(before.address);
    }
    if (replaced.length === 0) return [];
    const removed = pairs.filter(({ place }) => place.kind === "removed");
    return records.oldObjects.addOperations({
      tree: replaced,
      contents: removed.flatMap((pair) => this.#ownAddress(pair)),
    });
  }

  /**
   * The steps of a batch that note that the name leads to the new pages now.
   *
   * @returns `undefined` if not all that was removed is taken out of the pages yet: then it does not
   */
  async shownOperations(removed: SequenceRanges): Promise<BatchOperation[] | undefined> {
    if (subtractRanges(removed, this.#removed).length > 0) return undefined;
    const { records } = this.#parts;
    const noted = await records.oldObjects.shownOperations(Date.now());
    if (!this.#unshown) return noted;
    return [...noted, records.rewriteOperation({ removed: this.#removed, unshown: false })];
  }

  /** The name leads to the new pages: the steps are written. */
  shown(): void {
    this.#unshown = false;
  }

  async #rewriteGroup(
    indexes: readonly number[],
    pending: SequenceRanges,
    uploads: Uploads,
    signal: AbortSignal,
  ): Promise<void> {
    const { genesis, records, tree } = this.#parts;
    const { leafSize } = genesis;
    const old: { tree: Address[]; contents: Address[] } = { tree: [], contents: [] };
    const changed = new Map<number, Ref>();
    const start = Math.max(0, indexes[0]! - 1);
    const refs = await records.loadRefs(0, start, indexes[indexes.length - 1]! + 1);
    const read = async (
      index: number,
    ): Promise<{ index: number; before: readonly Pair[]; isLost: boolean }> => {
      const ref = refs[index - start]!;
      const stored = await this.#storedPairs(ref, signal);
      // If the remote has lost a page, the journal has its entries.
      const before = stored ?? (await tree.pairs(index * leafSize, (index + 1) * leafSize, uploads));
      return { index, before, isLost: stored === undefined };
    };
    for await (const { index, before, isLost } of readAhead(indexes, PAGES_AT_ONCE, read)) {
      const pairs = before.map((pair, i): Pair => {
        if (rangeWith(pending, index * leafSize + i) === undefined) return pair;
        if (pair.place.kind === "pointer") old.contents.push(pair.place.address);
        // It was stored on its own while its entry was among the newest.
        if (pair.place.kind === "removed") old.contents.push(...this.#ownAddress(pair));
        return { ...pair, place: { kind: "removed" } };
      });
      if (!isLost && pairs.every((pair, i) => pair.place.kind === before[i]!.place.kind)) continue;
      // Its tail leads to the page before it as that is now. The page after it still leads to the old one: only all pages up to
      // the newest could mend that.
      const bytes = encodePage(pairs, refs[index - 1 - start]?.address);
      const address = await uploads.address(bytes);
      await uploads.put(bytes, address);
      old.tree.push(refs[index - start]!.address);
      const ref = { address, hash: refs[index - start]!.hash };
      refs[index - start] = ref;
      changed.set(index, ref);
    }
    await uploads.settled();
    const { levels, operations } = await this.#rewriteIndex(changed, old.tree, uploads);
    await uploads.settled();
    const last = indexes[indexes.length - 1]!;
    const covered = { first: indexes[0]! * leafSize, count: (last + 1 - indexes[0]!) * leafSize };
    const done = subtractRanges(pending, subtractRanges(pending, [covered]));
    const removed = joinRanges([...this.#removed, ...done]);
    const unshown = this.#unshown || changed.size > 0;
    const noted = this.#forgets ? await records.oldObjects.addOperations(old) : [];
    const further = [...operations, ...noted, records.rewriteOperation({ removed, unshown })];
    await tree.replaceLevels(levels, further, uploads);
    this.#removed = removed;
    this.#unshown = unshown;
  }

  // The nodes above changed pages, level by level, and the growing nodes at the right edge.
  async #rewriteIndex(
    pages: ReadonlyMap<number, Ref>,
    old: Address[],
    uploads: Uploads,
  ): Promise<{ readonly levels: readonly GrowingLevel[]; readonly operations: BatchOperation[] }> {
    const { genesis, records, tree } = this.#parts;
    const { fanOut } = genesis;
    const levels = [...tree.levels];
    const operations: BatchOperation[] = [];
    let changed = pages;
    for (let level = 0; changed.size > 0; level++) {
      for (const [index, ref] of changed) operations.push(records.refOperation(level, index, ref));
      const growing = levels[level]!;
      levels[level] = await this.#rewriteEdge(growing, changed, old, uploads);
      const above = new Map<number, Ref>();
      for (const index of changed.keys()) {
        const parent = Math.floor(index / fanOut);
        if (index >= growing.first || above.has(parent)) continue;
        const children = await records.loadRefs(level, parent * fanOut, (parent + 1) * fanOut);
        const bytes = encodeIndexNode(children.map((ref, i) => changed.get(parent * fanOut + i) ?? ref));
        const address = await uploads.address(bytes);
        await uploads.put(bytes, address);
        const [before] = await records.loadRefs(level + 1, parent, parent + 1);
        old.push(before!.address);
        above.set(parent, { address, hash: before!.hash });
      }
      changed = above;
    }
    return { levels, operations };
  }

  async #rewriteEdge(
    growing: GrowingLevel,
    changed: ReadonlyMap<number, Ref>,
    old: Address[],
    uploads: Uploads,
  ): Promise<GrowingLevel> {
    const { first, node } = growing;
    const refs = growing.refs.map((ref, i) => changed.get(first + i) ?? ref);
    if (node === undefined || !refs.slice(0, node.refs).some((ref, i) => ref !== growing.refs[i])) {
      return { ...growing, refs };
    }
    const bytes = encodeIndexNode(refs.slice(0, node.refs));
    const address = await uploads.address(bytes);
    await uploads.put(bytes, address);
    old.push(node.address);
    return { ...growing, refs, node: { address, refs: node.refs } };
  }

  // The pairs of a page as it is stored; `undefined` if the remote does not have it.
  async #storedPairs(ref: Ref, signal: AbortSignal): Promise<readonly Pair[] | undefined> {
    const { genesis, storage } = this.#parts;
    try {
      const bytes = await getChecked(storage, ref.address, { maxBytes: LARGEST_PAGE, signal });
      return decodePage(bytes, genesis.leafSize, ref.hash).pairs;
    } catch (error) {
      if (hasCode(error, "ERR_NOT_FOUND", "ERR_NOT_PROPAGATED", "ERR_INTEGRITY", "ERR_TOO_LARGE"))
        return undefined;
      throw error;
    }
  }

  // Where the contents of the newest entries were stored on their own, if they were: which of them, the journal does not say.
  async #contentsInHead(pending: SequenceRanges): Promise<Address[]> {
    const { journal, tree, genesis } = this.#parts;
    const start = tree.pages * genesis.leafSize;
    const found: Address[] = [];
    for (const range of subtractRanges(pending, [{ first: 0, count: start }])) {
      const to = Math.min(endOf(range), start + genesis.leafSize);
      for await (const { contentHash } of journal.removedEntries(range.first, to))
        found.push(...this.#ownAddress({ contentHash }));
    }
    return found;
  }

  // Where a content is that is stored on its own, if that follows from its hash.
  #ownAddress({ contentHash }: Pick<Pair, "contentHash">): Address[] {
    const { codec, hash, digestBytes } = this.#parts.storage.capabilities.hashTypes[0]!;
    const isRaw =
      codec === rawSha256.codec && hash === rawSha256.hash && digestBytes === rawSha256.digestBytes;
    return isRaw ? [Address.create(codec, hash, contentHash)] : [];
  }
}

/** The pages that hold any of some entries, in order. */
function* pagesOf(ranges: SequenceRanges, leafSize: number, pages: number): Generator<number> {
  let next = 0;
  for (const range of ranges) {
    const end = Math.min(pages, Math.ceil(endOf(range) / leafSize));
    for (next = Math.max(next, Math.floor(range.first / leafSize)); next < end; next++) yield next;
  }
}

function nodeOf(page: number, { fanOut }: Genesis): number {
  return Math.floor(page / fanOut);
}
