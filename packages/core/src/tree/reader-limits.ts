// How much is read before it is verified.

import { InvalidInputError } from "../errors/index.ts";
import { LARGEST_CONTENT, LARGEST_PAGE } from "../log/log-limits.ts";
import { shown } from "../options/check-option-types.ts";
import { REQUEST_MILLISECONDS } from "../remote/deadlines.ts";
import { type Given, withDefaults } from "../with-defaults.ts";

/**
 * How much a reader reads before it verifies. No hostile head, node, page or content makes it hold more than this, times
 * the reads in flight.
 */
export interface ReaderLimits {
  /** Largest head, in bytes. Default 4 MiB. */
  readonly headBytes: number;
  /** Largest leaf page, in bytes. Default 4 MiB. */
  readonly pageBytes: number;
  /** Largest content that is not embedded, in bytes. Default 16 MiB. */
  readonly contentBytes: number;
  /**
   * Most that `latest` collects, in bytes: the contents, and 512 bytes for each entry, which is what it takes besides. `from`
   * streams any amount. Default 256 MiB.
   */
  readonly collectedBytes: number;
  /** How many pages, index nodes and contents are read at once, per remote. Default 128. */
  readonly concurrency: number;
  /** Timeout of one request to a remote or the reader's store, in milliseconds: then it fails with `ERR_TIMEOUT`. Default 60,000. */
  readonly requestMilliseconds: number;
  /**
   * How much longer the other remotes may take to show their newest state after the first has, in milliseconds.
   * Default 5,000.
   */
  readonly patienceMilliseconds: number;
}

const MiB: number = 2 ** 20;

/** The limits that apply if none are given. */
export const defaultLimits: ReaderLimits = {
  headBytes: LARGEST_PAGE,
  pageBytes: LARGEST_PAGE,
  contentBytes: LARGEST_CONTENT,
  collectedBytes: 256 * MiB,
  concurrency: 128,
  requestMilliseconds: REQUEST_MILLISECONDS,
  patienceMilliseconds: 5_000,
};

/**
 * The limits with the defaults filled in.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a limit that is not a whole number from 1 to 2^31 − 1
 */
export function limitsOf(given?: Given<ReaderLimits>): ReaderLimits {
  const limits = withDefaults(defaultLimits, given);
  for (const [name, limit] of Object.entries(limits)) {
    if (Number.isSafeInteger(limit) && limit >= 1 && limit < 2 ** 31) continue;
    throw new InvalidInputError(
      `The limit ${name} must be a whole number from 1 to 2^31 - 1, not ${shown(limit)}.`,
      {
        operation: "reader.open",
      },
    );
  }
  return limits;
}

/** Largest index node, in bytes: 256 refs, each with the longest address. */
export const LARGEST_NODE: number = 64 * 2 ** 10;
