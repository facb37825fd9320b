// What an earlier mirroring put into the target.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { isRemoteLogError } from "../errors/index.ts";
import type { Bundle } from "../log/bundle.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { Ref } from "../log/page.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { MissingEntries } from "./missing-entries.ts";

/** What an earlier mirroring put into the target, by the head that it left there, and what it could not get. */
export class KnownTree {
  /** The tree below that head, in the target; `undefined` if nothing was mirrored before. */
  readonly view: TreeView | undefined;
  readonly #missing: readonly Pick<MissingEntries, "from" | "to">[];
  readonly #contents: ReadonlySet<string>;

  /**
   * @param view - the tree below that head, in the target; `undefined` if nothing was mirrored before
   * @param missing - the entries that are not there
   */
  constructor(view: TreeView | undefined, missing: readonly Pick<MissingEntries, "from" | "to">[] = []) {
    this.view = view;
    this.#missing = missing;
    const start = view === undefined ? 0 : view.pages * view.leafSize;
    const contents = new Set<string>();
    for (const [i, { place }] of (view?.head.pairs ?? []).entries()) {
      if (place.kind === "pointer" && this.#isWhole(start + i, start + i + 1))
        contents.add(`${place.address}`);
    }
    this.#contents = contents;
  }

  /**
   * Number of the oldest entries that are in the target, with their pages, but for gaps. All of the whole pages, unless the
   * mirroring did not finish.
   */
  get reach(): number {
    if (this.view === undefined) return 0;
    return reachOf(this.view.head, this.#missing);
  }

  /** The ref to a page (level 0), or to a full node, if all that lies below it is in the target. */
  async child(level: number, index: number, signal: AbortSignal): Promise<Ref | undefined> {
    const shape = this.view?.head.shape.levels[level];
    if (this.view === undefined || shape === undefined || index >= shape.first + shape.refs) return undefined;
    const width = shape.leavesPerRef;
    if (!this.#isWhole(index * width, (index + 1) * width)) return undefined;
    return refOf(this.view, level, index, signal);
  }

  /** Whether a bundle is in the target, with the contents of its entries. */
  async hasBundle({ first, lengths, address }: Bundle, signal: AbortSignal): Promise<boolean> {
    const { view } = this;
    if (view === undefined || first + lengths.length > view.pages) return false;
    if (!this.#isWhole(first * view.leafSize, (first + lengths.length) * view.leafSize)) return false;
    const found = await errorAsNone(() => view.neighbours(first, signal), signal);
    return found?.bundles.some((one) => one.first === first && one.address.equals(address)) === true;
  }

  /** Whether a node of the right edge, with all that lies below it, is in the target. */
  hasEdge(level: number, address: Address): boolean {
    const node = this.view?.head.levels[level]?.node;
    if (this.view === undefined || node?.address.equals(address) !== true) return false;
    const { first, leavesPerRef } = this.view.head.shape.levels[level]!;
    return this.#isWhole(first * leavesPerRef, (first + node.refs) * leavesPerRef);
  }

  /** Whether the earlier head pointed at this content itself. */
  hasContent(address: Address): boolean {
    return this.#contents.has(address.toString());
  }

  #isWhole(from: number, to: number): boolean {
    return !this.#missing.some((range) => range.from < to && from < range.to);
  }
}

/** See `reach` of {@link KnownTree}. */
export function reachOf(
  { checkpoint, shape, genesis }: VerifiedHead,
  missing: readonly Pick<MissingEntries, "from" | "to">[],
): number {
  const paged = shape.pages * genesis.genesis.leafSize;
  const rest = missing.find(({ to }) => to >= checkpoint.size);
  return Math.min(paged, rest?.from ?? paged);
}

/** A ref of a tree, or `undefined` if nobody shows it. */
export async function refOf(
  view: TreeView,
  level: number,
  index: number,
  signal: AbortSignal,
): Promise<Ref | undefined> {
  const shape = view.head.shape.levels[level];
  if (shape === undefined || index >= shape.first + shape.refs) return undefined;
  return errorAsNone(() => view.ref(level, index, signal), signal);
}

/** What a read gives, or `undefined` if it fails; why is added to the errors. */
export async function errorAsNone<T>(
  read: () => Promise<T>,
  signal: AbortSignal,
  errors: unknown[] = [],
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    throwIfAborted(signal);
    if (!isRemoteLogError(error)) throw error;
    errors.push(error);
    return undefined;
  }
}
