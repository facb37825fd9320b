import { buildLog, type PublishCost } from "./counted-log.ts";
import { MEMORY_METHOD } from "./memory-gauge.ts";
import {
  type CatchUpCost,
  type CountOptions,
  countCatchUp,
  countUpToDate,
  measureReader,
  type UpToDateCost,
} from "./read-costs.ts";

/** What a log costs, counted. */
export interface Costs extends CountOptions {
  readonly leafSize: number;
  readonly largestHead: number;
  /** How many entries were imported at once. */
  readonly imported: number;
  readonly publishImport: PublishCost;
  readonly publishEach: PublishCost;
  readonly publishBatch100: PublishCost;
  readonly catchUp: readonly CatchUpCost[];
  readonly upToDate: UpToDateCost;
  readonly heapMiB: { readonly writer: number; readonly reader: number; readonly method: string };
}

/** Builds a log and counts everything that this and reading it costs. */
export async function measureCosts(options: CountOptions): Promise<Costs> {
  const log = await buildLog(options);
  const catchUp = await countCatchUp(log, options);
  const upToDate = await countUpToDate(log);
  const reader = await measureReader(log);
  return {
    ...options,
    leafSize: log.leafSize,
    largestHead: log.largestHead,
    imported: log.imported,
    publishImport: log.publishImport,
    publishEach: log.publishEach,
    publishBatch100: log.publishBatch100,
    catchUp,
    upToDate,
    heapMiB: { writer: log.writerMiB, reader, method: MEMORY_METHOD },
  };
}
