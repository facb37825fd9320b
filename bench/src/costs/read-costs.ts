import { openReader, type Reader, type Remote } from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import type { CountedLog, LogOptions, Snapshot } from "./counted-log.ts";
import { countReads, type Reads } from "./counted-remote.ts";
import { MemoryGauge } from "./memory-gauge.ts";

const ENTRIES_PER_SAMPLE = 16_384;
/** Single entries read at the last length; one at each other. */
const AT_LAST_LENGTH = 512;

/** How many entries a reader missed who comes back. */
const MISSED = 100;

/** How much to count. */
export interface CountOptions extends LogOptions {
  /**
   * Whether the newest 1,000 are read at every kept length. Otherwise only at the two of a page's lengths that are
   * the worst of it: when the head has just given a page away, so that most pages are read, and when the stretch
   * begins with the last entry of a page, so that most of what is read is not wanted.
   */
  readonly thorough: boolean;
  /** Reads at each nth kept length alone. An n without a common divisor with `leafSize` reaches every place in a page. */
  readonly nth?: number;
}

/** What a reader with nothing asks for. */
export type Wanted = { readonly last: number } | { readonly entry: number } | { readonly all: true };

/** What it costs to catch up: the worst of all readers that were counted. */
export interface CatchUpCost {
  /** Which entries: the newest, one, or all. */
  readonly last?: number;
  /** One anywhere: of those that were published one by one, or of those before, which came at once or in batches. */
  readonly entry?: "one by one" | "together";
  /** This many newest entries, by a reader who knew the log as it was before them. */
  readonly missed?: number;
  readonly all?: true;
  /** The longest chain of requests of which each needs the one before; the head is the first. */
  readonly dependentReads: number;
  /** Requests in all. */
  readonly reads: number;
  /** Bytes read, with the head. */
  readonly bytes: number;
  /** The same per byte of payload delivered. */
  readonly bytesPerPayloadByte: number;
  /** Readers that were counted, each a new one. */
  readonly readers: number;
}

/** What a second sync costs while nothing changed. */
export interface UpToDateCost {
  readonly reads: number;
  readonly bytes: number;
}

/** Has readers read the log at each of its kept lengths, and counts what each of them reads. */
export async function countCatchUp(log: CountedLog, options: CountOptions): Promise<CatchUpCost[]> {
  const { leafSize } = log;
  const last = [1, 8, 1000].map((count) => ({ count, worst: new Worst() }));
  const isWorst = (size: number, count: number): boolean =>
    size % leafSize === 1 || (size - count + 1) % leafSize === 0;
  const entry = { together: new Worst(), alone: new Worst() };
  const missed = new Worst();
  const all = new Worst();
  const readEntry = async (snapshot: Snapshot, sequence: number): Promise<void> => {
    const worst = sequence < log.snapshots[0]!.size - 1 ? entry.together : entry.alone;
    worst.add(await readCold(log, snapshot, { entry: sequence }, options));
  };
  let turn = 0;
  const { nth = 1 } = options;
  for (const [index, snapshot] of log.snapshots.entries()) {
    if (index % nth !== 0) continue;
    const { size } = snapshot;
    for (const { count, worst } of last) {
      if (count < 1000 || options.thorough || isWorst(size, count))
        worst.add(await readCold(log, snapshot, { last: count }, options));
    }
    const former = log.snapshots[index - MISSED];
    if (former !== undefined) missed.add(await readMissed(log, former, snapshot));
    const chosen = borderEntries(size, leafSize);
    await readEntry(snapshot, chosen[turn++ % chosen.length]!);
  }
  const newest = log.snapshots.at(-1)!;
  const chosen = [...borderEntries(newest.size, leafSize)];
  while (chosen.length < AT_LAST_LENGTH) chosen.push(Math.floor(Math.random() * newest.size));
  for (const sequence of chosen) await readEntry(newest, sequence);
  all.add(await readCold(log, newest, { all: true }, options));
  return [
    ...last.map(({ count, worst }) => ({ last: count, ...worst.cost })),
    { missed: MISSED, ...missed.cost },
    { entry: "one by one", ...entry.alone.cost },
    { entry: "together", ...entry.together.cost },
    { all: true, ...all.cost },
  ];
}

/** Has a reader ask twice. */
export async function countUpToDate(log: CountedLog): Promise<UpToDateCost> {
  const reads: Reads = { requests: 0, bytes: 0, dependent: 0 };
  const reader = await openReader({
    logId: log.logId,
    remotes: [countReads(remoteAt(log, log.snapshots.at(-1)!), reads)],
  });
  await reader.sync();
  const { requests, bytes } = { ...reads };
  await reader.sync();
  await reader.close();
  return { reads: reads.requests - requests, bytes: reads.bytes - bytes };
}

/** The memory of a reader that reads all of the log, in MiB. Nothing is counted meanwhile: counters take memory. */
export async function measureReader(log: CountedLog): Promise<number> {
  const gauge = new MemoryGauge(() => log.contents.heldBytes);
  const reader = await openReader({ logId: log.logId, remotes: [remoteAt(log, log.snapshots.at(-1)!)] });
  for await (const { sequence } of reader.from(0)) if (sequence % ENTRIES_PER_SAMPLE === 0) gauge.sample();
  gauge.sample();
  await reader.close();
  return gauge.peakMiB;
}

// What a reader reads that comes back: what it read before does not count.
async function readMissed(log: CountedLog, former: Snapshot, snapshot: Snapshot): Promise<ColdRead> {
  const reads: Reads = { requests: 0, bytes: 0, dependent: 0 };
  const table = tableAt(log, former);
  const { contents, logId } = log;
  const remote = { label: "memory", storage: memoryStorage({ contents }), names: memoryNames({ table }) };
  const reader = await openReader({ logId, remotes: [countReads(remote, reads)] });
  await reader.sync();
  Object.assign(reads, { requests: 0, bytes: 0, dependent: 0 });
  showState(table, log.logId, snapshot);
  let payloadBytes = 0;
  for await (const { content } of reader.from(former.size)) payloadBytes += content.length;
  await reader.close();
  return { ...reads, payloadBytes };
}

interface ColdRead extends Reads {
  readonly payloadBytes: number;
}

async function readCold(
  log: CountedLog,
  snapshot: Snapshot,
  wanted: Wanted,
  { payloadBytes }: LogOptions,
): Promise<ColdRead> {
  const reads: Reads = { requests: 0, bytes: 0, dependent: 0 };
  const reader = await openReader({
    logId: log.logId,
    remotes: [countReads(remoteAt(log, snapshot), reads)],
  });
  const delivered = await deliver(reader, wanted);
  await reader.close();
  const expected = "last" in wanted ? wanted.last : "all" in wanted ? snapshot.size : 1;
  if (delivered !== expected * payloadBytes) throw new Error(`${delivered} bytes of payload were delivered.`);
  return { ...reads, payloadBytes: delivered };
}

/** Returns the bytes of payload that were delivered. */
async function deliver(reader: Reader, wanted: Wanted): Promise<number> {
  if ("entry" in wanted) return (await reader.entry(wanted.entry)).content.length;
  let bytes = 0;
  if ("last" in wanted) {
    for (const { content } of await reader.latest(wanted.last)) bytes += content.length;
    return bytes;
  }
  for await (const { content } of reader.from(0)) bytes += content.length;
  return bytes;
}

/** The log as its remote was when it had that length; the objects are the same, since they never change. */
function remoteAt(log: CountedLog, snapshot: Snapshot): Remote {
  const { contents } = log;
  const names = memoryNames({ table: tableAt(log, snapshot) });
  return { label: "memory", storage: memoryStorage({ contents }), names };
}

function tableAt({ logId }: CountedLog, snapshot: Snapshot): NameTable {
  const table = new NameTable();
  showState(table, logId, snapshot);
  return table;
}

function showState(table: NameTable, logId: string, { size, head }: Snapshot): void {
  table.values.set(logId, { status: "found", content: head(), revision: `${size}` });
}

/** Entries on both sides of the borders of pages and index nodes, at the ends of the log, and some anywhere. */
function borderEntries(size: number, leafSize: number): number[] {
  const pageEnd = Math.floor((size - 1) / leafSize) * leafSize;
  const borders = [0, size, pageEnd, pageEnd - leafSize];
  // From the first index node to ones that hold the whole log: whatever the fan-out is, powers of two are its borders.
  for (let width = 2 * leafSize; width < size; width *= 2) {
    borders.push(width, Math.floor((size - 1) / width) * width, Math.floor((pageEnd - 1) / width) * width);
  }
  const anywhere = Array.from({ length: 8 }, () => Math.floor(Math.random() * size));
  const entries = [...borders.flatMap((border) => [border - 1, border]), ...anywhere];
  return [...new Set(entries)].filter((entry) => entry >= 0 && entry < size);
}

/** The worst of several readers, each figure by itself. */
class Worst {
  #dependentReads = 0;
  #reads = 0;
  #bytes = 0;
  #bytesPerPayloadByte = 0;
  #readers = 0;

  add({ dependent, requests, bytes, payloadBytes }: ColdRead): void {
    this.#dependentReads = Math.max(this.#dependentReads, dependent);
    this.#reads = Math.max(this.#reads, requests);
    this.#bytes = Math.max(this.#bytes, bytes);
    this.#bytesPerPayloadByte = Math.max(this.#bytesPerPayloadByte, bytes / payloadBytes);
    this.#readers++;
  }

  get cost(): Omit<CatchUpCost, "last" | "entry" | "missed" | "all"> {
    return {
      dependentReads: this.#dependentReads,
      reads: this.#reads,
      bytes: this.#bytes,
      bytesPerPayloadByte: this.#bytesPerPayloadByte,
      readers: this.#readers,
    };
  }
}
