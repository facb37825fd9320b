// Copies bundles: the best that the sources and the target show of the entries in them.

import { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { type Bundle, encodeBundle, encodeBundlePart } from "../log/bundle.ts";
import { decodeBundle } from "../log/bundled-node.ts";
import type { Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { errorAsNone } from "./known-tree.ts";
import type { ShownPairs } from "./merge-pairs.ts";
import { gravest } from "./missing-entries.ts";
import { isSameForm, type PageCopier, type PageTree, pageOf } from "./page-copier.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** A bundle as a tree shows it. */
interface ShownBundle extends ShownPairs {
  /** What is stored; absent if its pages were read one by one. */
  readonly object: { readonly bytes: Uint8Array; readonly tail: Uint8Array } | undefined;
  /** Whether the target has it at this address. */
  readonly isStored: boolean;
}

/** A bundle that was copied. */
export interface CopiedBundle {
  /** Refs to its pages; those of pages that are stored by themselves as they were. */
  readonly refs: readonly Ref[];
  /** As the copy has it; absent if nobody shows it, and its pages are there by themselves. */
  readonly bundle: Bundle | undefined;
  /** The address that it had in the source. */
  readonly replaces: Address;
}

/** Copies bundles. */
export class BundleCopier {
  readonly #copy: TreeCopy;
  readonly #base: TreeView;
  readonly #tell: Pick<PageTree, "advance" | "find" | "missing">;
  readonly #pages: PageCopier;
  readonly #signal: AbortSignal;

  constructor(
    copy: TreeCopy,
    tell: Pick<PageTree, "advance" | "find" | "missing">,
    pages: PageCopier,
    signal: AbortSignal,
  ) {
    this.#copy = copy;
    this.#base = copy.views[0]!;
    this.#tell = tell;
    this.#pages = pages;
    this.#signal = signal;
  }

  /** The bundles that the node with a page's ref names, as the first tree shows them that shows the node. */
  async named(page: number): Promise<readonly Bundle[]> {
    const { views, held, unchanged } = this.#copy;
    for (const view of unchanged ? [this.#base] : [...views, ...held]) {
      if (page >= view.pages) continue;
      const found = await errorAsNone(() => view.neighbours(page, this.#signal), this.#signal);
      if (found !== undefined) return found.bundles;
    }
    return [];
  }

  /**
   * Copies a bundle with its contents.
   *
   * @param parts - `refs`: to its pages, as the best of the trees shows them; `alone`: which of them are copied by themselves, by their
   * places; `known`: which of them the target has already; `before`: the bundle before it, if this copy makes that, too
   */
  async copy(
    bundle: Bundle,
    parts: {
      readonly refs: readonly Ref[];
      readonly alone: ReadonlySet<number>;
      readonly known: ReadonlySet<number>;
      readonly before: Promise<CopiedBundle> | undefined;
    },
  ): Promise<CopiedBundle> {
    const { leafSize } = this.#base;
    const from = bundle.first * leafSize;
    const errors: unknown[] = [];
    const hashes = parts.refs.map(({ hash }) => hash);
    const shown = this.#shownBundles(bundle, hashes, errors);
    const first = await shown.next();
    const refs = (address: Address): Ref[] =>
      parts.refs.map((ref, i) => (parts.alone.has(i) ? ref : { address, hash: ref.hash }));
    const inBundleOnly = [...bundle.lengths.keys()].filter((i) => !parts.alone.has(i));
    if (first.done) {
      for (const i of inBundleOnly)
        this.#tell.missing(from + i * leafSize, from + (i + 1) * leafSize, gravest(errors));
      // Without it, pages that are there by themselves can still be read.
      const isNeeded = this.#copy.unchanged || inBundleOnly.length > 0;
      return { refs: refs(bundle.address), bundle: isNeeded ? bundle : undefined, replaces: bundle.address };
    }
    for (const i of parts.known)
      this.#pages.noteContents(first.value.pairs.slice(i * leafSize, (i + 1) * leafSize));
    const isInBundleOnly = (at: number): boolean => !parts.alone.has(Math.floor(at / leafSize));
    const merged = await this.#pages.merge(from, first.value, shown, isInBundleOnly);
    const copied = await this.#bundleBytes(bundle, first.value, merged.pairs, await parts.before);
    if (!copied.isStored) await this.#pages.store(copied.bytes, copied.bundle.address);
    this.#tell.advance({ entries: inBundleOnly.length * leafSize - merged.missing.length });
    return { refs: refs(copied.bundle.address), bundle: copied.bundle, replaces: bundle.address };
  }

  async #bundleBytes(
    bundle: Bundle,
    shown: ShownBundle,
    pairs: readonly Pair[],
    before: CopiedBundle | undefined,
  ): Promise<{ readonly bundle: Bundle; readonly bytes: Uint8Array; readonly isStored: boolean }> {
    const { unchanged, target } = this.#copy;
    const { leafSize } = this.#base;
    const tail = await this.#tail(bundle, shown, before);
    const { object, isStored } = shown;
    if (object !== undefined) {
      const isTail = bytesEqual(object.tail, tail?.bytes ?? new Uint8Array(0));
      const isSame = isTail && pairs.every((pair, i) => isSameForm(pair, shown.pairs[i]!));
      if (unchanged || isSame) return { bundle, bytes: object.bytes, isStored };
    }
    let parts: Uint8Array[] = [];
    const bytes = await this.#pages.encode(pairs, (fitting) => {
      parts = bundle.lengths.map((_, i) => encodeBundlePart(fitting.slice(i * leafSize, (i + 1) * leafSize)));
      return encodeBundle(parts, tail);
    });
    const address = await target.address(bytes);
    const made = { first: bundle.first, address, lengths: parts.map(({ length }) => length) };
    return { bundle: made, bytes, isStored: (await target.stored(address, bytes.length)) !== undefined };
  }

  // What a bundle has to name as what is before it: what it names in the source, as it is in the copy. Pages do not say that.
  async #tail(
    { first }: Bundle,
    { object }: ShownBundle,
    before: CopiedBundle | undefined,
  ): Promise<Address | undefined> {
    const made = before?.bundle;
    if (object !== undefined) {
      const { tail } = object;
      const isReplaced = made !== undefined && bytesEqual(before!.replaces.bytes, tail);
      if (isReplaced) return made.address;
      return tail.length > 0 ? Address.fromBytes(tail) : undefined;
    }
    if (first === 0) return undefined;
    if (made !== undefined && made.first + made.lengths.length === first) return made.address;
    return (await this.#tell.find(0, first - 1, []))?.ref.address;
  }

  /** A bundle as the sources show it; then its pages as other trees show them, if they show all. */
  async *#shownBundles(
    { first, address, lengths }: Bundle,
    hashes: readonly Uint8Array[],
    errors: unknown[],
  ): AsyncGenerator<ShownBundle, void, undefined> {
    const { views, others, held, unchanged, sources, target } = this.#copy;
    const { leafSize, limits } = this.#base;
    const read = async (): Promise<ShownBundle> => {
      const there = await target.stored(address, limits.pageBytes);
      const options = { maxBytes: limits.pageBytes, signal: this.#signal };
      const bytes = there ?? (await sources.get(address, options));
      const { pages, tail } = decodeBundle(bytes, leafSize, hashes);
      const pairs = pages.flatMap((page) => page.pairs);
      return { pairs, object: { bytes, tail }, there: false, isStored: there !== undefined };
    };
    const shown = await errorAsNone(read, this.#signal, errors);
    if (shown !== undefined) yield shown;
    if (unchanged) return;
    for (const view of [...views, ...others, ...held]) {
      const pairs: Pair[] = [];
      for (const [i, hash] of hashes.entries()) {
        const page = await pageOf(view, first + i, hash, this.#signal);
        if (page === undefined) break;
        pairs.push(...page.pairs);
      }
      if (pairs.length === lengths.length * leafSize)
        yield { pairs, object: undefined, ...this.#pages.whereIs(view) };
    }
  }
}
