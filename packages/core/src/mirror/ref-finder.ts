// Finds the refs of a tree that is copied: in the sources, and in what the target has.

import { bytesEqual } from "../bytes.ts";
import type { Ref } from "../log/page.ts";
import { subtractRanges } from "../log/sequence-ranges.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { errorAsNone, refOf } from "./known-tree.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** A ref as some tree shows it, and whether the target has all below it. */
export interface Found {
  readonly ref: Ref;
  readonly isKnown: boolean;
}

/** Finds refs in the trees of a copy. */
export class RefFinder {
  readonly #copy: TreeCopy;
  readonly #signal: AbortSignal;

  constructor(copy: TreeCopy, signal: AbortSignal) {
    this.#copy = copy;
    this.#signal = signal;
  }

  /**
   * A ref. If a source shows what the target has, that is it; else the first that shows anything, and at last the target itself.
   *
   * @param errors - what keeps it from being shown is added to them
   */
  async find(level: number, index: number, errors: unknown[]): Promise<Found | undefined> {
    const { views, known, held, unchanged } = this.#copy;
    const before = await known.child(level, index, this.#signal);
    let first: Ref | undefined;
    for (const view of unchanged ? views.slice(0, 1) : views) {
      const ref = await this.refOf(view, level, index, errors);
      if (ref === undefined) continue;
      if (before !== undefined && this.#isSame(level, index, before, ref))
        return { ref: before, isKnown: true };
      first ??= ref;
      if (before === undefined) break;
    }
    if (first !== undefined) return { ref: first, isKnown: false };
    if (unchanged) return undefined;
    if (before !== undefined) return { ref: before, isKnown: true };
    for (const view of held) {
      const ref = await refOf(view, level, index, this.#signal);
      if (ref !== undefined) return { ref, isKnown: false };
    }
    return undefined;
  }

  // A node of a copy that made bundles has another address, and all that the source's has, if nothing was removed below it since.
  #isSame(level: number, index: number, before: Ref, ref: Ref): boolean {
    if (before.address.equals(ref.address)) return true;
    const { bundles, removed, views } = this.#copy;
    if (bundles !== "made" || level === 0 || !bytesEqual(before.hash, ref.hash)) return false;
    const count = views[0]!.head.shape.levels[level]!.leavesPerRef;
    return subtractRanges([{ first: index * count, count }], removed)[0]?.count === count;
  }

  /** A ref of one tree; what keeps it from being shown is added to the errors. */
  refOf(view: TreeView, level: number, index: number, errors: unknown[]): Promise<Ref | undefined> {
    return errorAsNone(() => view.ref(level, index, this.#signal), this.#signal, errors);
  }
}
