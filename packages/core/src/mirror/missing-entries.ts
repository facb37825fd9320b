// Which entries a mirroring could not get, and why.

import { lastOf } from "../bytes.ts";
import { IntegrityError, isRemoteLogError, WithheldError } from "../errors/index.ts";

/** Entries in a row that a mirroring could not get. */
export interface MissingEntries {
  /** First sequence number. */
  readonly from: number;
  /** The sequence number after the last. */
  readonly to: number;
  /**
   * Why, the gravest of what the sources answered: `ERR_INTEGRITY` or `ERR_MALFORMED` if one showed something false,
   * `ERR_WITHHELD` if all show it without its content, which the writer did not remove, else what kept them from showing it (`ERR_NOT_FOUND`,
   * `ERR_UNREACHABLE`, …).
   */
  readonly error: unknown;
}

/** The most ranges that are kept apart; after them, the last one grows over what lies between. */
const MOST_RANGES = 4096;

/** Collects the entries that could not be got, in any order, as ranges. */
export class MissingRanges {
  #ranges: MissingEntries[] = [];
  #count = 0;

  /** Number of entries in all. */
  get count(): number {
    return this.#count;
  }

  /** Adds entries in a row; none of them was added before. */
  add(from: number, to: number, error: unknown): void {
    this.#count += to - from;
    this.#ranges.push({ from, to, error });
    if (this.#ranges.length > 2 * MOST_RANGES) this.#ranges = joined(this.#ranges);
  }

  /** The ranges in order, neighbours with the same code joined. */
  ranges(): MissingEntries[] {
    this.#ranges = joined(this.#ranges);
    return [...this.#ranges];
  }
}

function joined(ranges: readonly MissingEntries[]): MissingEntries[] {
  const result: MissingEntries[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = lastOf(result);
    const adjoins =
      last !== undefined && last.to === range.from && codeOf(last.error) === codeOf(range.error);
    if (last !== undefined && (adjoins || result.length >= MOST_RANGES)) {
      result[result.length - 1] = { ...last, to: Math.max(last.to, range.to) };
    } else result.push(range);
  }
  return result;
}

function codeOf(error: unknown): string | undefined {
  return isRemoteLogError(error) ? error.code : undefined;
}

/** The gravest of several failures: a lie before what is withheld, that before an absence, an absence before silence. */
export function gravest(errors: readonly unknown[]): unknown {
  let worst = errors[0];
  for (const error of errors) if (gravity(error) > gravity(worst)) worst = error;
  return worst;
}

function gravity(error: unknown): number {
  if (
    error instanceof IntegrityError ||
    codeOf(error) === "ERR_MALFORMED" ||
    codeOf(error) === "ERR_INTEGRITY"
  )
    return 3;
  if (codeOf(error) === "ERR_WITHHELD") return 2;
  return isRemoteLogError(error) && error.retry !== "never" ? 0 : 1;
}

/** The error for an entry that every source shows without its content, although the writer did not remove it. */
export function withheld(sequence: number): WithheldError {
  return new WithheldError(
    `Every source shows entry ${sequence} without its content, and the writer does not say that it was removed: it is withheld. ` +
      "Look for another source.",
    { operation: "mirror.copy", sequence },
  );
}
