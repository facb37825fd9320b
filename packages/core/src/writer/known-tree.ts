// A tree on a remote, read by whoever stored it: it knows where the pages are before the nodes say so.

import { bytesEqual } from "../bytes.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import { type Bundle, isInBundle } from "../log/bundle.ts";
import type { Page, Ref } from "../log/page.ts";
import { TreeView } from "../tree/tree-view.ts";
import type { GrowingLevel } from "./index-levels.ts";

/** Where pages are, as the writer of a log noted it. */
export interface KnownPages {
  /** The ref to a page; `undefined` if it is not known. */
  ref(page: number): Promise<Ref | undefined>;
  /** The bundle that a page is in, if it is in one. */
  bundle(page: number): Promise<Bundle | undefined>;
}

/**
 * Where pages are on a remote, as the journal has it. Of the newest, the writer knows that by heart.
 *
 * @param run - how many pages are in a bundle at most
 * @param newest - the newest node above pages
 */
export function knownPages(
  records: RemoteRecords,
  run: number,
  newest: Pick<GrowingLevel, "first" | "refs" | "bundles"> = { first: 0, refs: [] },
): KnownPages {
  const { first, refs, bundles: newestBundles = [] } = newest;
  const heldRef = (page: number): Ref | undefined => refs[page - first];
  return {
    ref: async (page) => heldRef(page) ?? records.loadRef(0, page),
    bundle: async (page) => {
      // No bundle reaches over the end of a node.
      if (heldRef(page) !== undefined) return newestBundles.find((one) => isInBundle(page, one));
      const bundles = await records.bundles.load(Math.max(0, page + 1 - run), page + 1);
      return bundles.find((one) => isInBundle(page, one));
    },
  };
}

/** The same tree, whose refs to pages come from the writer. */
class NotedTree extends TreeView {
  readonly #known: KnownPages;

  constructor({ head, storage, limits, closing }: TreeView, known: KnownPages) {
    super(head, storage, limits, closing);
    this.#known = known;
  }

  override async ref(level: number, index: number, signal?: AbortSignal): Promise<Ref> {
    return (level === 0 ? await this.#known.ref(index) : undefined) ?? super.ref(level, index, signal);
  }

  override async neighbours(page: number): Promise<{ end: number; bundles: readonly Bundle[] }> {
    const bundle = await this.#known.bundle(page);
    return { end: page + 1, bundles: bundle === undefined ? [] : [bundle] };
  }
}

/**
 * Reads pages and the nodes above them side by side. What it proves is what a reader depends on, who comes to them one after the
 * other: the nodes are verified against the head, and a page counts only if the node leads to where it was read from.
 */
export class KnownTree {
  readonly #view: TreeView;
  readonly #noted: TreeView;
  readonly #known: KnownPages;

  constructor(view: TreeView, known: KnownPages) {
    const once = askedOnce(known);
    this.#view = view;
    this.#noted = new NotedTree(view, once);
    this.#known = once;
  }

  /** Reads and verifies one leaf page. */
  async page(index: number, signal: AbortSignal): Promise<Page> {
    const known = await this.#known.ref(index);
    if (known === undefined) return this.#view.page(index, signal);
    const [page, ref, { bundles }, noted] = await Promise.all([
      this.#noted.page(index, signal),
      this.#view.ref(0, index, signal),
      this.#view.neighbours(index, signal),
      this.#known.bundle(index),
    ]);
    const isThere = ref.address.equals(known.address) && bytesEqual(ref.hash, known.hash);
    const shown = bundles.find((one) => isInBundle(index, one));
    // If readers are led elsewhere, they are followed.
    return isThere && isSameBundle(shown, noted) ? page : this.#view.page(index, signal);
  }
}

// The same pages are asked for on the way to them, and when they are compared.
function askedOnce(known: KnownPages): KnownPages {
  return {
    ref: onceEach((page) => known.ref(page)),
    bundle: onceEach((page) => known.bundle(page)),
  };
}

function onceEach<T>(ask: (page: number) => Promise<T>): (page: number) => Promise<T> {
  const answers = new Map<number, Promise<T>>();
  return (page) => {
    const answer = answers.get(page) ?? ask(page);
    answers.set(page, answer);
    return answer;
  };
}

function isSameBundle(one: Bundle | undefined, other: Bundle | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const cuts = ({ first, lengths }: Bundle): string => `${[first, ...lengths]}`;
  return one.address.equals(other.address) && cuts(one) === cuts(other);
}
