// Bundles of pages that no source stores together: whoever holds a copy can make them; docs/protocol.md, "Bundles".

import type { Address } from "../address/address.ts";
import type { Bundle } from "../log/bundle.ts";
import { LARGEST_BUNDLE, layRun, pagesInRun } from "../log/lay-run.ts";
import { decodePage, type Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { errorAsNone } from "./known-tree.ts";
import type { PageCopier } from "./page-copier.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** Makes bundles of pages that are in the target by themselves. */
export class BundleMaker {
  readonly #copy: TreeCopy;
  readonly #base: TreeView;
  readonly #pages: Pick<PageCopier, "bytesOf" | "store">;
  readonly #signal: AbortSignal;
  /** How many pages are bundled together, if they are small enough. */
  readonly run: number;

  constructor(copy: TreeCopy, pages: Pick<PageCopier, "bytesOf" | "store">, signal: AbortSignal) {
    this.#copy = copy;
    this.#base = copy.views[0]!;
    this.#pages = pages;
    this.#signal = signal;
    this.run = pagesInRun(this.#base.head.genesis.genesis);
  }

  /** Whether a run that begins with a page is bundled by this copy, if its node has pages up to `end`. */
  makes(page: number, end: number): boolean {
    const { bundles, unchanged } = this.#copy;
    return (
      bundles === "made" && !unchanged && this.run > 1 && page % this.run === 0 && page + this.run <= end
    );
  }

  /**
   * The bundles of a run, in the target; none if one of its pages is not there.
   *
   * @param first - number of its first page
   * @param refs - to its pages, which are in the target
   * @param before - what ends before it; absent for the first
   */
  async make(first: number, refs: readonly Ref[], before: Address | undefined): Promise<readonly Bundle[]> {
    const known = await this.#known(first, refs);
    if (known.length > 0) return known;
    const pages: (readonly Pair[])[] = [];
    for (const ref of refs) {
      const pairs = await errorAsNone(() => this.#pairsAt(ref), this.#signal);
      if (pairs === undefined) return [];
      pages.push(pairs);
    }
    const { target } = this.#copy;
    const { bundles } = await layRun(
      {
        first,
        pages,
        stored: refs,
        closes: true,
        alone: () => true,
        before,
        largest: Math.min(LARGEST_BUNDLE, target.largestPage),
      },
      {
        address: (bytes) => target.address(bytes),
        put: (bytes, address) => this.#pages.store(bytes, address),
      },
    );
    return bundles;
  }

  // What an earlier mirroring made of the very same pages.
  async #known(first: number, refs: readonly Ref[]): Promise<readonly Bundle[]> {
    const { known } = this.#copy;
    for (const [i, ref] of refs.entries()) {
      const before = await known.child(0, first + i, this.#signal);
      if (before?.address.equals(ref.address) !== true) return [];
    }
    const shown = await errorAsNone(() => known.view!.neighbours(first, this.#signal), this.#signal);
    return (shown?.bundles ?? []).filter((one) => first <= one.first && one.first < first + refs.length);
  }

  async #pairsAt({ address, hash }: Ref): Promise<readonly Pair[]> {
    const { leafSize, limits } = this.#base;
    const bytes = this.#pages.bytesOf(address) ?? (await this.#copy.target.read(address, limits.pageBytes));
    return decodePage(bytes, leafSize, hash).pairs;
  }
}
