import { countEntry } from "./count.ts";
import { type PriceList, SWARM } from "./lists.ts";
import type { Use } from "./uses.ts";

const DAYS = 30;
const GB = 1e9;

/** What a use needs in a month, all logs and readers together. */
export interface Month {
  readonly writes: number;
  readonly reads: number;
  /** What was written in the month, and is kept at its end, in GB. */
  readonly keptGb: number;
  readonly readGb: number;
  /** Chunks of Swarm, and the depth of a batch for each log that holds them. */
  readonly chunks: number;
  readonly depth: number;
}

/** Counts a month. A look that finds nothing new is one request without a body. */
export async function countMonth(use: Use): Promise<Month> {
  const { writer, reader } = await countEntry(use);
  const entries = use.writers * use.entriesADay * DAYS;
  const looks = use.writers * use.readers * use.looksADay * DAYS;
  const publishes = entries / use.publishSize;
  // What a reader finds new at a look cost the resolve that was counted with it: at most one for each publish.
  const found = Math.min(looks, use.readers * publishes);
  const reads = entries * writer.reads + use.readers * entries * reader.reads + (looks - found);
  const chunksOfLog = use.entriesADay * DAYS * writer.chunks;
  return {
    writes: entries * writer.writes,
    reads,
    keptGb: (entries * writer.writtenBytes) / GB,
    readGb: (entries * writer.readBytes + use.readers * entries * reader.readBytes) / GB,
    chunks: use.writers * chunksOfLog,
    depth: depthFor(chunksOfLog),
  };
}

/** The price of a month in US dollars. */
export function priceOf({ writes, reads, keptGb, readGb }: Month, list: PriceList): number {
  return (writes * list.writes + reads * list.reads) / 1e6 + keptGb * list.kept + readGb * list.read;
}

/** The price of a month in BZZ: a batch for each log. */
export function swarmPriceOf({ depth }: Month, { writers }: Use): number {
  return (writers * 2 ** depth * SWARM.chunkPrice * SWARM.blocksADay * DAYS) / SWARM.plur;
}

/** The smallest depth at which the risk that any of the 65,536 buckets of a batch runs over is below 1 in 1,000. */
function depthFor(chunks: number): number {
  const mean = chunks / 65_536;
  for (let depth = 17; ; depth++) {
    let term = Math.exp(-mean);
    let beyond = 0;
    for (let k = 1; k < 10_000 && (k <= mean || term > 1e-300); k++) {
      term *= mean / k;
      if (k > 2 ** (depth - 16)) beyond += term;
    }
    if (65_536 * beyond <= 0.001) return depth;
  }
}
