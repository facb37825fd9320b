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
  /** Reads under way at once, per stream. Default 128. */
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

/** Largest index node, in bytes: 256 refs, each with the longest address. */
export const LARGEST_NODE: number = 64 * 2 ** 10;
