/** Time and memory of a process that did one thing. */
export interface Usage {
  /** By the clock, without what was only for measuring. */
  readonly seconds: number;
  /** Processor time, user and system, without what was only for measuring. */
  readonly cpuSeconds: number;
  /**
   * The most that it was seen to hold after a forced garbage collection, less what it held before: heap and buffers, in MiB. See
   * `MEMORY_METHOD`.
   */
  readonly heldMiB: number;
  /** The most memory that the process ever had, as the system counts it: with Node itself, the modules and garbage, in MiB. */
  readonly rssMiB: number;
  /** The same when the process had loaded everything and done nothing. */
  readonly rssBeforeMiB: number;
}

/** What a writer did. */
export interface Written extends Usage {
  readonly logId: string;
  /** Objects stored, heads not counted. */
  readonly objects: number;
  /** Bytes of objects and heads that were uploaded. */
  readonly bytes: number;
  /** Updates of the name. */
  readonly updates: number;
  /** Size of the journal afterwards, on disk. */
  readonly journalBytes: number;
}

/** What a reader that had nothing did to read all of the log. */
export interface Read extends Usage {
  /** Objects and heads that it asked for. */
  readonly requests: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** Something small, done by itself: the median of a few times. */
export interface Look {
  readonly milliseconds: number;
  readonly requests: number;
  readonly bytes: number;
}

/** What a reader that had nothing did to read a little of the log, and how long its writer takes to open. */
export interface Looked {
  readonly newest100: Look;
  /** One entry, of the middle of the log. */
  readonly one: Look;
  /** The writer's journal, opened again. */
  readonly openMilliseconds: number;
}

/** Everything that was measured of one log. */
export interface ScaleRow {
  /** `"fs"` or `"minio"`. */
  readonly on: string;
  /** Number of entries. */
  readonly length: number;
  /** When it was done. */
  readonly at: string;
  /** Average number of running processes in the minute before it was done. */
  readonly loadAfter: number;
  readonly written: Written;
  readonly read: Read;
  readonly looked: Looked;
}

/** All rows. */
export interface ScaleReport {
  readonly bench: "scale";
  readonly run: import("../describe-run.ts").RunDescription;
  readonly payloadBytes: number;
  /** Entries appended together. */
  readonly batch: number;
  /** Entries published together. */
  readonly publish: number;
  readonly rows: readonly ScaleRow[];
}

/** A figure of each row. */
export interface Measure {
  readonly name: string;
  readonly of: (row: ScaleRow) => number;
}

/** What the table and the picture show. */
export const MEASURES: readonly Measure[] = [
  { name: "writer: processor time, s", of: ({ written }) => written.cpuSeconds },
  { name: "writer: time, s", of: ({ written }) => written.seconds },
  { name: "writer: memory held, MiB", of: ({ written }) => written.heldMiB },
  { name: "writer: RSS, MiB", of: ({ written }) => written.rssMiB },
  { name: "reader: processor time, s", of: ({ read }) => read.cpuSeconds },
  { name: "reader: time, s", of: ({ read }) => read.seconds },
  { name: "reader: memory held, MiB", of: ({ read }) => read.heldMiB },
  { name: "reader: RSS, MiB", of: ({ read }) => read.rssMiB },
  { name: "objects stored", of: ({ written }) => written.objects },
  { name: "bytes uploaded, MB", of: ({ written }) => written.bytes / 1e6 },
  { name: "objects read", of: ({ read }) => read.requests },
  { name: "bytes read, MB", of: ({ read }) => read.bytes / 1e6 },
  { name: "journal, MB", of: ({ written }) => written.journalBytes / 1e6 },
  { name: "newest 100: ms", of: ({ looked }) => looked.newest100.milliseconds },
  { name: "newest 100: requests", of: ({ looked }) => looked.newest100.requests },
  { name: "one entry: ms", of: ({ looked }) => looked.one.milliseconds },
  { name: "one entry: requests", of: ({ looked }) => looked.one.requests },
  { name: "open the writer: ms", of: ({ looked }) => looked.openMilliseconds },
];

/**
 * How a figure grows with the length: the slope in a picture with two logarithmic axes. 1 grows as the log does, 0 not at all.
 *
 * @param rows - of one place; the first and the last length count
 */
export function slopeOf(rows: readonly ScaleRow[], { of }: Measure): number | undefined {
  const sorted = [...rows].sort((a, b) => a.length - b.length);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined || first.length === last.length) return undefined;
  const [from, to] = [of(first), of(last)];
  return from > 0 && to > 0 ? Math.log(to / from) / Math.log(last.length / first.length) : undefined;
}
