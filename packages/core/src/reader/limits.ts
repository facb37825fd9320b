import { InvalidInputError } from "../errors/index.ts";

/**
 * How much a reader takes in before it looks at it. No hostile head, node, page or content makes it hold more
 * than these, times the reads in flight.
 */
export interface ReaderLimits {
  /** Largest head, in bytes. Default 4 MiB. */
  readonly headBytes: number;
  /** Largest leaf page, in bytes. Default 4 MiB. */
  readonly pageBytes: number;
  /** Largest content that is not embedded, in bytes. Default 16 MiB. */
  readonly contentBytes: number;
  /** Pages, index nodes and contents that are being read at once, per remote. Default 128. */
  readonly concurrency: number;
}

const MiB: number = 2 ** 20;

/** The limits that hold where none are given. */
export const defaultLimits: ReaderLimits = {
  headBytes: 4 * MiB,
  pageBytes: 4 * MiB,
  contentBytes: 16 * MiB,
  concurrency: 128,
};

/**
 * The limits with the defaults filled in.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a limit that is not a whole number from 1 on
 */
export function limitsOf(given: Partial<ReaderLimits> = {}): ReaderLimits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, limit] of Object.entries(limits)) {
    if (Number.isSafeInteger(limit) && limit >= 1) continue;
    throw new InvalidInputError(`The limit ${name} is a whole number from 1 on, not ${limit}.`, {
      operation: "reader.open",
    });
  }
  return limits;
}

/** Largest index node, in bytes: 256 refs, each with the longest address. */
export const LARGEST_NODE: number = 64 * 2 ** 10;
