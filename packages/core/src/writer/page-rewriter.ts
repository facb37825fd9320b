// Writes the pages of a remote anew without the contents that were removed; docs/protocol.md, "Removal".

import { Address } from "../address/address.ts";
import { rawSha256 } from "../address/hash-type.ts";
import { readAhead } from "../async/read-ahead.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { OldObjects } from "../journal/old-objects.ts";
import { type Bundle, isBundleOnly, isInBundle } from "../log/bundle.ts";
import { decodePage, encodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import { endOf, joinRanges, rangeWith, type SequenceRanges, subtractRanges } from "../log/sequence-ranges.ts";
import { timeNow } from "../runtime/clock.ts";
import { readStored, rewriteBundle } from "./bundle-rewriter.ts";
import type { IndexStep } from "./index-levels.ts";
import { rewriteIndex } from "./index-rewriter.ts";
import { NotedObjects } from "./noted-objects.ts";
import type { Sink } from "./page-runs.ts";
import type { PageForm, RewriteParts } from "./rewritten-tree.ts";
import { nodeOf, pagesOf } from "./touched-pages.ts";
import { noteUnknownObjects } from "./unknown-objects.ts";
import type { Uploads } from "./uploads.ts";

/** Pages that are read at once. */
const PAGES_AT_ONCE = 16;

/** What a removal replaces in one remote: pages without the contents, and the index above them. */
export class PageRewriter {
  readonly #parts: RewriteParts;
  readonly #forgets: boolean;
  #removed: SequenceRanges = [];
  #unshown = false;

  constructor(parts: RewriteParts) {
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

  /** Notes objects that an earlier publish may have stored without the journal knowing it. See {@link noteUnknownObjects}. */
  async noteUnknown(removed: SequenceRanges, size: number, form?: PageForm): Promise<void> {
    if (this.#forgets) await noteUnknownObjects(this.#parts, removed, { size, form });
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

  /**
   * The steps of a batch that note what pages replace which are stored anew, all of them, because nothing was believed.
   *
   * @param further - what is replaced besides; default nothing
   */
  async replacedOperations(
    steps: readonly IndexStep[],
    pairs: readonly Pair[],
    further: OldObjects = { tree: [], contents: [] },
  ): Promise<BatchOperation[]> {
    const { records } = this.#parts;
    if (!this.#forgets || pairs.every(({ place }) => place.kind !== "removed"))
      return records.oldObjects.addOperations(further);
    const replaced: Address[] = [];
    for (const step of steps) {
      if (step.kind === "node") continue;
      const now = step.kind === "ref" ? step.ref : step.bundle;
      const before =
        step.kind === "ref"
          ? await records.loadRef(step.level, step.index)
          : (await records.bundles.load(step.bundle.first, step.bundle.first + 1))[0];
      if (before !== undefined && !before.address.equals(now.address)) replaced.push(before.address);
    }
    if (replaced.length === 0) return records.oldObjects.addOperations(further);
    const removed = pairs.filter(({ place }) => place.kind === "removed");
    return records.oldObjects.addOperations({
      tree: [...replaced, ...further.tree],
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
    const noted = await records.oldObjects.shownOperations(timeNow());
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
    const { genesis, journal, records, tree } = this.#parts;
    const { leafSize } = genesis;
    const noted = this.#forgets ? new NotedObjects(journal, records.oldObjects, uploads) : undefined;
    const sink: Sink = noted ?? uploads;
    const old: { tree: Address[]; contents: Address[] } = { tree: [], contents: [] };
    const changed = new Map<number, Ref>();
    const start = Math.max(0, indexes[0]! - 1);
    const refs = await records.loadRefs(0, start, indexes[indexes.length - 1]! + 1);
    const inNode = nodeOf(indexes[0]!, genesis) * genesis.fanOut;
    const bundles = await records.bundles.load(inNode, inNode + genesis.fanOut);
    const bundleOf = (page: number) => bundles.find((bundle) => isInBundle(page, bundle));
    const isAlone = (page: number): boolean => !isBundleOnly(refs[page - start]!, bundleOf(page));
    const without = (pair: Pair, sequence: number): Pair => {
      if (rangeWith(pending, sequence) === undefined) return pair;
      if (pair.place.kind === "pointer") old.contents.push(pair.place.address);
      // It was stored on its own while its entry was among the newest.
      if (pair.place.kind === "removed") old.contents.push(...this.#ownAddress(pair));
      return { ...pair, place: { kind: "removed" } };
    };
    const read = async (
      index: number,
    ): Promise<{ index: number; before: readonly Pair[]; isLost: boolean }> => {
      const ref = refs[index - start]!;
      const decode = (bytes: Uint8Array) => decodePage(bytes, leafSize, ref.hash).pairs;
      const stored = await readStored(this.#parts.storage, ref.address, decode, signal);
      // If the remote has lost a page, the journal has its entries.
      const before = stored ?? (await tree.pairs(index * leafSize, (index + 1) * leafSize, uploads));
      return { index, before, isLost: stored === undefined };
    };
    const alone = indexes.filter(isAlone);
    for await (const { index, before, isLost } of readAhead(alone, PAGES_AT_ONCE, read)) {
      const pairs = before.map((pair, i) => without(pair, index * leafSize + i));
      if (!isLost && pairs.every((pair, i) => pair.place.kind === before[i]!.place.kind)) continue;
      // Its tail leads to the page before it as that is now. The page after it still leads to the old one: only all pages up to
      // the newest could mend that.
      const bytes = encodePage(pairs, refs[index - 1 - start]?.address);
      const address = await sink.address(bytes);
      await sink.put(bytes, address);
      old.tree.push(refs[index - start]!.address);
      const ref = { address, hash: refs[index - start]!.hash };
      refs[index - start] = ref;
      changed.set(index, ref);
    }
    const rewritten: Bundle[] = [];
    for (const bundle of bundles) {
      if (!indexes.some((page) => isInBundle(page, bundle))) continue;
      const refsIn = await records.loadRefs(0, bundle.first, bundle.first + bundle.lengths.length);
      const before = rewritten[rewritten.length - 1];
      const parts = { bundle, refs: refsIn, without, before };
      // The contents of entries that stay are no old objects, whenever the process ends.
      const sinks = { contents: uploads, bundles: sink };
      const now = await rewriteBundle(parts, this.#parts, sinks, signal);
      if (now === undefined) continue;
      old.tree.push(bundle.address);
      rewritten.push(now);
      for (const [i, ref] of refsIn.entries()) {
        const page = bundle.first + i;
        if (isBundleOnly(ref, bundle)) changed.set(page, { address: now.address, hash: ref.hash });
        // The node above has another bundle, whether or not a page of it was stored anew.
        else if (!changed.has(page)) changed.set(page, ref);
      }
    }
    await sink.settled();
    const { levels, operations } = await rewriteIndex(
      this.#parts,
      { pages: changed, bundles: rewritten },
      old.tree,
      sink,
    );
    await sink.settled();
    const last = indexes[indexes.length - 1]!;
    const covered = { first: indexes[0]! * leafSize, count: (last + 1 - indexes[0]!) * leafSize };
    const done = subtractRanges(pending, subtractRanges(pending, [covered]));
    const removed = joinRanges([...this.#removed, ...done]);
    const unshown = this.#unshown || changed.size > 0;
    const bundled = rewritten.map((bundle) => records.bundles.putOperation(bundle));
    const replaced = this.#forgets ? await records.oldObjects.addOperations(old) : [];
    const known = noted?.knownOperations() ?? [];
    const further = [
      ...operations,
      ...bundled,
      ...replaced,
      ...known,
      records.rewriteOperation({ removed, unshown }),
    ];
    await tree.replaceLevels(levels, further, uploads);
    this.#removed = removed;
    this.#unshown = unshown;
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
