// How far the copying of a tree is, and what of it another copy need not do again.

import { lastOf } from "../bytes.ts";
import type { MirrorPart, MirrorProgress } from "./mirror-options.ts";
import type { MissingRanges } from "./missing-entries.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** Counts what a copy has stored, and tells it. */
export class CopyProgress {
  readonly #copy: TreeCopy;
  readonly #missing: MissingRanges;
  #soFar: MirrorPart | undefined;
  /** What is counted so far. */
  counts: MirrorProgress;

  constructor(copy: TreeCopy, missing: MissingRanges) {
    this.#copy = copy;
    this.#missing = missing;
    const { size } = copy.views[0]!;
    this.counts = { size, entries: 0, contents: 0, pages: 0, nodes: 0, bytes: 0 };
  }

  /** Counts what was stored; `front` is how many of the oldest entries are done. */
  advance(counts: Partial<MirrorProgress>, front: number): void {
    const { entries, contents, pages, nodes, bytes, size } = this.counts;
    this.counts = {
      size,
      entries: entries + (counts.entries ?? 0),
      contents: contents + (counts.contents ?? 0),
      pages: pages + (counts.pages ?? 0),
      nodes: nodes + (counts.nodes ?? 0),
      bytes: bytes + (counts.bytes ?? 0),
    };
    const soFar = this.#part(front);
    this.#copy.onProgress?.({ ...this.counts, ...(soFar && { soFar }) });
  }

  // A tree that is copied as it is has its addresses in the source already, so that a further copy knows them by its head.
  #part(from: number): MirrorPart | undefined {
    const { known, unchanged, views } = this.#copy;
    if (!unchanged || from <= known.reach) return undefined;
    const { head, size } = views[0]!;
    if ((lastOf(this.#soFar?.missing ?? [])?.from ?? 0) < from) {
      const lost = this.#missing.ranges().filter((range) => range.from < from);
      const missing = [
        ...lost.map((range) => ({ from: range.from, to: Math.min(range.to, from) })),
        { from, to: size },
      ];
      this.#soFar = { known: head.bytes.slice(), missing };
    }
    return this.#soFar;
  }
}
