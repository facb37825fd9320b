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
const MEMORY_MIB = 16;

/** Everything that is promised. */
export const limits: readonly Limit[] = [
  {
    what: "bytes per append, each published alone",
    limit: 4500,
    counted: ({ publishEach }) => publishEach.bytesPerAppend,
  },
  {
    what: "CAS writes per append, each published alone",
    limit: 0.2,
    counted: ({ publishEach }) => publishEach.writesPerAppend,
  },
  {
    what: "bytes per payload byte, batches of 100",
    limit: 1.75,
    counted: ({ publishBatch100 }) => publishBatch100.bytesPerPayloadByte,
  },
  { what: "dependent reads, newest entry", limit: 1, counted: (costs) => newest(costs, 1).dependentReads },
  { what: "dependent reads, newest 16", limit: 2, counted: (costs) => newest(costs, 16).dependentReads },
  { what: "dependent reads, newest 1,000", limit: 3, counted: (costs) => newest(costs, 1000).dependentReads },
  { what: "dependent reads, any one entry", limit: 4, counted: (costs) => anyEntry(costs).dependentReads },
  { what: "dependent reads, all entries", limit: 4, counted: (costs) => all(costs).dependentReads },
  {
    what: "bytes per payload byte, newest 1,000",
    limit: 1.25,
    counted: (costs) => newest(costs, 1000).bytesPerPayloadByte,
  },
  {
    what: "bytes per payload byte, all entries",
    limit: 1.25,
    counted: (costs) => all(costs).bytesPerPayloadByte,
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

function anyEntry({ catchUp }: Costs): CatchUp {
  return catchUp.find(({ entry }) => entry !== undefined)!;
}

function all({ catchUp }: Costs): CatchUp {
  return catchUp.find((cost) => cost.all)!;
}
