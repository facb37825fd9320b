import type { Costs } from "./measure.ts";

/** A promise about the costs of a log whose contents have 256 bytes and are embedded. */
export interface Limit {
  /** What is limited. */
  readonly what: string;
  /** The most that is promised. */
  readonly limit: number;
  /** What was counted. */
  readonly counted: (costs: Costs) => number;
}

/** The most that writer and reader may hold, in MiB, however long the log is. */
const MEMORY_MIB = 8;

/** Bundles, and nodes with the refs of their pages. */
const leastObjects = (entries: number): number => Math.ceil(entries / 256) + Math.ceil(entries / 1024);

/** Everything that is promised. */
export const limits: readonly Limit[] = [
  {
    what: "bytes per append, each published alone",
    limit: 3200,
    counted: (costs) => costs.publishEach.bytesPerAppend,
  },
  {
    what: "CAS writes per append, each published alone",
    limit: 0.25,
    counted: (costs) => costs.publishEach.writesPerAppend,
  },
  {
    what: "bytes per payload byte, batches of 100",
    limit: 2.6,
    counted: (costs) => costs.publishBatch100.bytesPerPayloadByte,
  },
  {
    what: "bytes per payload byte, an import",
    limit: 1.2,
    counted: (costs) => costs.publishImport.bytesPerPayloadByte,
  },
  {
    what: "objects of an import besides one for each 256 and one for each 1,024 entries",
    limit: 31,
    counted: ({ imported, publishImport }) =>
      publishImport.writesPerAppend * imported - leastObjects(imported),
  },
  { what: "bytes of the largest head", limit: 4200, counted: ({ largestHead }) => largestHead },
  { what: "dependent reads, newest entry", limit: 1, counted: (costs) => newest(costs, 1).dependentReads },
  { what: "dependent reads, newest 8", limit: 2, counted: (costs) => newest(costs, 8).dependentReads },
  { what: "dependent reads, newest 1,000", limit: 3, counted: (costs) => newest(costs, 1000).dependentReads },
  {
    what: "dependent reads, any one entry",
    limit: 4,
    counted: (costs) =>
      Math.max(entry(costs, "together").dependentReads, entry(costs, "one by one").dependentReads),
  },
  { what: "dependent reads, all entries", limit: 4, counted: (costs) => all(costs).dependentReads },
  { what: "reads, newest 1,000", limit: 40, counted: (costs) => newest(costs, 1000).reads },
  { what: "reads of a reader who missed 100", limit: 16, counted: (costs) => missed(costs).reads },
  {
    what: "reads of all entries besides one for each 256 and one for each 1,024",
    limit: 40,
    counted: (costs) => all(costs).reads - leastObjects(costs.entries),
  },
  {
    what: "bytes per payload byte, newest 1,000",
    limit: 1.3,
    counted: (costs) => newest(costs, 1000).bytesPerPayloadByte,
  },
  {
    what: "bytes per payload byte, all entries",
    limit: 1.12,
    counted: (costs) => all(costs).bytesPerPayloadByte,
  },
  {
    what: "bytes of one entry that was published alone",
    limit: 40_000,
    counted: (costs) => entry(costs, "one by one").bytes,
  },
  {
    what: "bytes of one entry of an import or a batch",
    limit: 120_000,
    counted: (costs) => entry(costs, "together").bytes,
  },
  { what: "requests when up to date", limit: 1, counted: ({ upToDate }) => upToDate.reads },
  { what: "bytes when up to date", limit: 0, counted: ({ upToDate }) => upToDate.bytes },
  { what: "memory of the writer, MiB", limit: MEMORY_MIB, counted: ({ heapMiB }) => heapMiB.writer },
  { what: "memory of the reader, MiB", limit: MEMORY_MIB, counted: ({ heapMiB }) => heapMiB.reader },
];

type CatchUp = Costs["catchUp"][number];

function newest({ catchUp }: Costs, count: number): CatchUp {
  return catchUp.find(({ last }) => last === count)!;
}

function entry({ catchUp }: Costs, kind: "one by one" | "together"): CatchUp {
  return catchUp.find((cost) => cost.entry === kind)!;
}

function missed({ catchUp }: Costs): CatchUp {
  return catchUp.find((cost) => cost.missed !== undefined)!;
}

function all({ catchUp }: Costs): CatchUp {
  return catchUp.find((cost) => cost.all)!;
}
