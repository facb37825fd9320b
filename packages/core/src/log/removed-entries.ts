// Which entries a reader passes over, or stops at, by the manifest's word. Only readers of logs from which something was removed
// load this.

import type { RemovedError } from "../errors/index.ts";
import { type Removals, removedBy, removedError } from "./removed-in.ts";
import { endOf, firstAfter, rangeWith, type SequenceRanges } from "./sequence-ranges.ts";

/** The entries whose contents the writer removed. */
export class RemovedEntries {
  readonly #ranges: SequenceRanges;

  constructor(manifest: Removals) {
    this.#ranges = removedBy(manifest);
  }

  /** The number of the entry after the removed ones in a row that an entry is among; its own number if it was not removed. */
  endAt(sequence: number): number {
    const range = rangeWith(this.#ranges, sequence);
    return range === undefined ? sequence : endOf(range);
  }

  /** The first removed entry from a number on; `Infinity` if there is none. */
  firstFrom(sequence: number): number {
    return firstAfter(this.#ranges, sequence);
  }

  /** The error for a removed entry. */
  error(sequence: number, operation: string): RemovedError {
    return removedError(sequence, this.#ranges, operation);
  }
}
