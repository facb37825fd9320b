// Copies pages and the newest entries: the best that the sources and the target show of each entry.

import { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { hasCode, isRemoteLogError } from "../errors/index.ts";
import { isBundleOnly, isInBundle } from "../log/bundle.ts";
import { decodePage, encodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import { subtractRanges } from "../log/sequence-ranges.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { ContentCopier } from "./content-copier.ts";
import { errorAsNone, refOf } from "./known-tree.ts";
import { type MergedPairs, mergePairs, type ShownPairs } from "./merge-pairs.ts";
import type { MirrorProgress } from "./mirror-options.ts";
import { gravest } from "./missing-entries.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** Bundles whose addresses are noted: more than are copied at once, of which each is followed by a page at most. */
const BUNDLES_NOTED = 64;

/** How many bytes of pages are kept for the bundles that are made of them. */
const BYTES_KEPT = 4 * 2 ** 20;

/** A page as a tree shows it. */
interface ShownPage extends ShownPairs {
  readonly tail: Uint8Array;
  readonly bytes: Uint8Array;
  readonly address: Address;
  /** Whether the target has it at this address. */
  readonly isStored: boolean;
  /** Whether that tree has it in a bundle alone: then the bytes and the address are not those of a page there. */
  readonly isBundled?: boolean;
}

type PageInTree = Omit<ShownPage, "there" | "isStored">;

/** What the copier of a tree does for its pages. */
export interface PageTree {
  /** Notes what was stored. */
  advance(counts: Partial<MirrorProgress>): void;
  /** Notes entries that could not be got. */
  missing(from: number, to: number, error: unknown): void;
  /** A ref as the best of the trees shows it. */
  find(level: number, index: number, errors: unknown[]): Promise<{ readonly ref: Ref } | undefined>;
  /** A ref of one tree; what keeps it from being shown is added to the errors. */
  refOf(view: TreeView, level: number, index: number, errors: unknown[]): Promise<Ref | undefined>;
}

/** Copies pages, and merges the newest entries. */
export class PageCopier {
  readonly #copy: TreeCopy;
  readonly #base: TreeView;
  readonly #tell: PageTree;
  readonly #signal: AbortSignal;
  readonly #contents: ContentCopier;
  // The addresses of the bundles that this copy has begun lately, by the number of the page after them.
  readonly #bundleEnds = new Map<number, Promise<Address | undefined>>();

  // Pages that this copy stored lately, by their addresses, if bundles are made of them.
  readonly #made = new Map<string, Uint8Array>();
  #madeBytes = 0;

  constructor(copy: TreeCopy, tell: PageTree, signal: AbortSignal) {
    this.#copy = copy;
    this.#base = copy.views[0]!;
    this.#tell = tell;
    this.#signal = signal;
    this.#contents = new ContentCopier({
      ...copy,
      largest: this.#base.limits.contentBytes,
      stored: (bytes) => tell.advance({ contents: 1, bytes }),
    });
  }

  get #merging(): Pick<TreeCopy, "unchanged" | "removed"> & { readonly contents: ContentCopier } {
    const { unchanged, removed } = this.#copy;
    return { contents: this.#contents, unchanged, removed };
  }

  /**
   * Copies a page with its contents.
   *
   * @param ref - as a tree of the newest state shows it
   * @param previous - the page before it, if this copy makes that, too
   */
  async page(index: number, ref: Ref, previous: Promise<Ref> | undefined): Promise<Ref> {
    const { leafSize } = this.#base;
    const from = index * leafSize;
    const errors: unknown[] = [];
    const shown = this.#shownPages(index, ref, errors);
    const first = await shown.next();
    if (first.done || !("address" in first.value)) {
      // A part of it may be in the head that the target has now.
      if (!first.done) throw gravest(errors);
      this.#tell.missing(from, from + leafSize, gravest(errors));
      return ref;
    }
    const page = first.value;
    const merged = await this.merge(from, page, shown);
    const result = await this.#pageBytes(index, page, merged.pairs, previous);
    if (!result.isStored) await this.store(result.bytes, result.address);
    if (this.#copy.bundles === "made") this.#keep(result.bytes, result.address);
    this.#tell.advance({ entries: leafSize - merged.missing.length });
    return { address: result.address, hash: ref.hash };
  }

  /** A page that this copy stored lately; `undefined` if it is not kept. */
  bytesOf(address: Address): Uint8Array | undefined {
    return this.#made.get(`${address}`);
  }

  #keep(bytes: Uint8Array, address: Address): void {
    this.#made.set(`${address}`, bytes);
    this.#madeBytes += bytes.length;
    for (const [oldest, { length }] of this.#made) {
      if (this.#madeBytes <= BYTES_KEPT) break;
      this.#made.delete(oldest);
      this.#madeBytes -= length;
    }
  }

  /** The best that trees show of some entries, the first of which is shown whole; what can't be got is told. */
  async merge<Shown extends ShownPairs>(
    from: number,
    first: Shown,
    rest: AsyncIterable<ShownPairs>,
    tells: (at: number) => boolean = () => true,
  ): Promise<MergedPairs> {
    const merged = await mergePairs(chained<ShownPairs>(first, rest), from, this.#merging, this.#signal);
    const missing = merged.missing.filter(({ at }) => tells(at));
    this.#tellMissing(from, { ...merged, missing });
    return { ...merged, missing };
  }

  /** Notes that the contents of entries are in the target, because it has their page. */
  noteContents(pairs: readonly Pair[]): void {
    for (const pair of pairs) this.#contents.note(pair);
  }

  /** Notes the address of a bundle that is being copied, for the page after it. */
  noteBundle(end: number, address: Promise<Address | undefined>): void {
    this.#bundleEnds.set(end, address);
    for (const oldest of this.#bundleEnds.keys()) {
      if (this.#bundleEnds.size <= BUNDLES_NOTED) break;
      this.#bundleEnds.delete(oldest);
    }
  }

  /** Merges the newest entries, which are in the head. */
  async newest(): Promise<readonly Pair[]> {
    const { pages, leafSize, size } = this.#base;
    const from = pages * leafSize;
    const merged = await mergePairs(this.#shownHeads(), from, this.#merging, this.#signal);
    this.#tellMissing(from, merged);
    this.#tell.advance({ entries: size - from - merged.missing.length });
    return merged.pairs;
  }

  /** Encodes a page or head. If several trees embed more than one page holds, the largest become objects of their own. */
  async encode(pairs: readonly Pair[], encode: (pairs: readonly Pair[]) => Uint8Array): Promise<Uint8Array> {
    const fitting = [...pairs];
    for (;;) {
      try {
        const bytes = encode(fitting);
        if (bytes.length <= this.#copy.target.largestPage) return bytes;
      } catch (error) {
        if (!hasCode(error, "ERR_TOO_LARGE", "ERR_INVALID_INPUT")) throw error;
      }
      const sizes = fitting.map(({ place }) => (place.kind === "embedded" ? place.stored.length : 0));
      const largest = Math.max(...sizes);
      if (largest <= 64) return encode(fitting);
      for (const [i, size] of sizes.entries()) {
        if (size * 2 > largest) fitting[i] = await this.#contents.moveOut(fitting[i]!);
      }
    }
  }

  async #pageBytes(
    index: number,
    page: ShownPage,
    pairs: readonly Pair[],
    previous: Promise<Ref> | undefined,
  ): Promise<{ readonly bytes: Uint8Array; readonly address: Address; readonly isStored: boolean }> {
    const { unchanged, target } = this.#copy;
    const tail = unchanged ? undefined : await this.#tail(index, page.tail, previous);
    const isTail =
      tail === undefined || bytesEqual(tail.bytes, page.tail) || (await this.#isStale(index, tail));
    if (
      unchanged ||
      (isTail && page.isBundled !== true && pairs.every((pair, i) => isSameForm(pair, page.pairs[i]!)))
    )
      return page;
    const bytes = await this.encode(pairs, (fitting) =>
      encodePage(fitting, tail ?? (page.tail.length > 0 ? Address.fromBytes(page.tail) : undefined)),
    );
    const address = await target.address(bytes);
    return { bytes, address, isStored: (await target.stored(address, bytes.length)) !== undefined };
  }

  // Whether a page may refer to what is gone: the page before it was written anew by the writer, who removed something in it, and
  // is copied as it is now. To mend that would change all pages after it.
  async #isStale(index: number, tail: Address): Promise<boolean> {
    const { leafSize } = this.#base;
    const before = { first: (index - 1) * leafSize, count: leafSize };
    if (subtractRanges([before], this.#copy.removed)[0]?.count === leafSize) return false;
    return (await this.#tell.find(0, index - 1, []))?.ref.address.equals(tail) === true;
  }

  // What a page has to name as what is before it: the bundle that ends there, if it names that, or else the page.
  async #tail(
    index: number,
    told: Uint8Array,
    previous: Promise<Ref> | undefined,
  ): Promise<Address | undefined> {
    if (index === 0) return undefined;
    const before = previous === undefined ? (await this.#tell.find(0, index - 1, []))?.ref : await previous;
    const shown = await errorAsNone(() => this.#base.neighbours(index - 1, this.#signal), this.#signal);
    const bundle = shown?.bundles.find(({ first, lengths }) => first + lengths.length === index);
    if (bundle === undefined || !bytesEqual(bundle.address.bytes, told)) return before?.address;
    return (await this.#bundleEnds.get(index)) ?? bundle.address;
  }

  /**
   * A page as each tree shows it, the preferred one first; those of the target last. If the head of a smaller log has only a
   * part of it, it comes last of all.
   */
  async *#shownPages(
    index: number,
    ref: Ref,
    errors: unknown[],
  ): AsyncGenerator<ShownPage | ShownPairs, void, undefined> {
    const { views, others, held, unchanged } = this.#copy;
    const isShown = new Map<string, boolean>();
    for (const view of unchanged ? [undefined] : [undefined, ...views]) {
      const one = view === undefined ? ref : await this.#tell.refOf(view, 0, index, errors);
      if (one === undefined || isShown.get(`${one.address}`) === true) continue;
      if (!isShown.has(`${one.address}`)) {
        const page = await this.#readPage(one.address, ref.hash, errors);
        isShown.set(`${one.address}`, page !== undefined);
        if (page !== undefined) {
          yield page;
          continue;
        }
      }
      // This tree may have it in a bundle.
      const bundled = view && (await bundledPageOf(view, index, ref.hash, this.#signal));
      if (bundled !== undefined) yield { ...bundled, there: false, isStored: false };
    }
    if (unchanged) return;
    for (const view of [...others, ...held]) {
      const page = await pageOf(view, index, ref.hash, this.#signal);
      if (page !== undefined) yield { ...page, ...this.whereIs(view) };
    }
    for (const view of [...others, ...held]) {
      if (view.pages === index && view.size > 0) yield { pairs: view.head.pairs, ...this.whereIs(view) };
    }
  }

  async #readPage(address: Address, hash: Uint8Array, errors: unknown[]): Promise<ShownPage | undefined> {
    const { sources, target } = this.#copy;
    const { leafSize, limits } = this.#base;
    try {
      const there = await target.stored(address, limits.pageBytes);
      const bytes =
        there ?? (await sources.get(address, { maxBytes: limits.pageBytes, signal: this.#signal }));
      const page = decodePage(bytes, leafSize, hash);
      return { ...page, bytes, address, there: false, isStored: there !== undefined };
    } catch (error) {
      throwIfAborted(this.#signal);
      if (!isRemoteLogError(error)) throw error;
      errors.push(error);
      return undefined;
    }
  }

  async *#shownHeads(): AsyncGenerator<ShownPairs, void, undefined> {
    const { views, others, held, unchanged } = this.#copy;
    for (const view of unchanged ? [this.#base] : views) yield { pairs: view.head.pairs, there: false };
    if (unchanged) return;
    for (const view of [...others, ...held]) {
      const index = this.#base.pages;
      if (view.pages === index) yield { pairs: view.head.pairs, ...this.whereIs(view) };
      const page = await pageOf(view, index, undefined, this.#signal);
      if (page !== undefined) yield { ...page, ...this.whereIs(view) };
    }
  }

  /** Whether what a tree shows is in the target. */
  whereIs(view: TreeView): { readonly there: boolean; readonly isStored: boolean } {
    const there = this.#copy.held.includes(view);
    return { there, isStored: there };
  }

  #tellMissing(from: number, { missing }: MergedPairs): void {
    for (const { at, error } of missing) this.#tell.missing(from + at, from + at + 1, error);
  }

  /** Stores a page or bundle. */
  async store(bytes: Uint8Array, address: Address): Promise<void> {
    await this.#copy.target.put(bytes, address);
    this.#tell.advance({ pages: 1, bytes: bytes.length });
  }
}

/** A page as a tree shows it, if it does, and if it is the one that is meant. */
export async function pageOf(
  view: TreeView,
  index: number,
  hash: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<PageInTree | undefined> {
  const ref = index < view.pages ? await refOf(view, 0, index, signal) : undefined;
  if (ref === undefined || (hash !== undefined && !bytesEqual(hash, ref.hash))) return undefined;
  const alone = await errorAsNone(async () => {
    const { bundles } = await view.neighbours(index, signal);
    if (bundles.some((bundle) => isBundleOnly(ref, bundle))) return undefined;
    const bytes = await view.object(ref.address, view.limits.pageBytes, signal);
    return { ...decodePage(bytes, view.leafSize, ref.hash), bytes, address: ref.address };
  }, signal);
  return alone ?? bundledPageOf(view, index, hash, signal);
}

/** A page that a tree has in a bundle, if it does, and if it is the one that is meant. */
async function bundledPageOf(
  view: TreeView,
  index: number,
  hash: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<PageInTree | undefined> {
  const ref = index < view.pages ? await refOf(view, 0, index, signal) : undefined;
  if (ref === undefined || (hash !== undefined && !bytesEqual(hash, ref.hash))) return undefined;
  return errorAsNone(async () => {
    const { bundles } = await view.neighbours(index, signal);
    if (!bundles.some((bundle) => isInBundle(index, bundle))) return undefined;
    // Nothing can be copied as it is stored there.
    const page = await view.pageInEitherForm(index, signal);
    return { ...page, bytes: encodePage(page.pairs, undefined), address: ref.address, isBundled: true };
  }, signal);
}

async function* chained<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield first;
  yield* rest;
}

/** Whether two pairs of one entry have their content at the same place. */
export function isSameForm(a: Pair, b: Pair): boolean {
  if (a.place.kind === "pointer" && b.place.kind === "pointer")
    return a.place.address.equals(b.place.address);
  return a.place.kind === b.place.kind;
}
