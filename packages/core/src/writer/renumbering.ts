// Which numbers the entries of a journal have after a recovery: those of a remote come before them.

import type { EntryRange } from "../log/manifest.ts";

interface Run {
  /** The number of the first before, and after. */
  readonly from: number;
  readonly to: number;
  count: number;
}

/** Which numbers entries have after a recovery. */
export class Renumbering {
  readonly #common: number;
  readonly #runs: Run[] = [];

  /** @param common - entries below this number stay where they are; all others stay nowhere until {@link note} says so */
  constructor(common: number) {
    this.#common = common;
  }

  /** Says which number an entry has after the recovery; called in the order of these numbers. */
  note(from: number, to: number): void {
    const last = this.#runs[this.#runs.length - 1];
    if (last !== undefined && from === last.from + last.count && to === last.to + last.count) last.count++;
    else this.#runs.push({ from, to, count: 1 });
  }

  /** The number of an entry after the recovery; `undefined` if the log does not have it any more. */
  of(sequence: number): number | undefined {
    if (sequence < this.#common) return sequence;
    const run = this.#runs.find(({ from, count }) => sequence >= from && sequence < from + count);
    return run && run.to + sequence - run.from;
  }

  /** Where the entries of a range are after the recovery, in ascending order; those that are gone are left out. */
  ofRange({ first, count }: EntryRange): EntryRange[] {
    const end = first + count;
    const stays = Math.min(end, this.#common) - first;
    const ranges = stays > 0 ? [{ first, count: stays }] : [];
    for (const run of this.#runs) {
      const from = Math.max(first, run.from);
      const left = Math.min(end, run.from + run.count) - from;
      if (left > 0) ranges.push({ first: run.to + from - run.from, count: left });
    }
    return ranges;
  }

  /**
   * The number of the first entry that was at a place or behind it.
   *
   * @param size - number of entries after the recovery: what an entry that was still to come gets
   */
  firstFrom(sequence: number, size: number): number {
    if (sequence < this.#common) return sequence;
    const run = this.#runs.find(({ from, count }) => sequence < from + count);
    return run === undefined ? size : run.to + Math.max(0, sequence - run.from);
  }

  /** The number below which all entries stayed where they were. */
  get unmoved(): number {
    let end = this.#common;
    for (const { from, to, count } of this.#runs) {
      if (from !== end || to !== end) break;
      end += count;
    }
    return end;
  }
}
