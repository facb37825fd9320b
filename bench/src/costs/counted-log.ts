import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultSettings,
  generateSeed,
  type KeyValueDatabase,
  openWriter,
  type Remote,
  type Writer,
} from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { ClassicLevel } from "classic-level";
import { countWrites, type Writes } from "./counted-remote.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { OffHeapContents } from "./off-heap.ts";

/** Lengths of the log, one after the other, at which reading is counted. */
export const LENGTHS = 4096;
/** Entries appended and published together in the part with batches. */
export const BATCH = 100;

const ENTRIES_AT_ONCE = 2000;
const PUTS_PER_SAMPLE = 1024;

/** Which log to build. */
export interface LogOptions {
  /** Entries in all. */
  readonly entries: number;
  /** Bytes of each. */
  readonly payloadBytes: number;
  /** Entries of a full page. Default: that of new logs. */
  readonly leafSize?: number | undefined;
  /** Who makes bundles. Default: that of writers. */
  readonly bundles?: "writer" | "off" | undefined;
}

/** A state of the log as its name showed it. */
export interface Snapshot {
  /** Number of entries. */
  readonly size: number;
  /** The head that it held. */
  readonly head: () => Uint8Array;
}

/** What publishing costs. */
export interface PublishCost {
  /** Bytes put into the CAS and the name, per entry. */
  readonly bytesPerAppend: number;
  /** The same per byte of payload. */
  readonly bytesPerPayloadByte: number;
  /** Objects put into the CAS per entry; the head in the name is not one. */
  readonly writesPerAppend: number;
}

/** A log that was built, and what that cost. */
export interface CountedLog {
  readonly logId: string;
  readonly contents: OffHeapContents;
  /** The last {@link LENGTHS} states, oldest first. */
  readonly snapshots: readonly Snapshot[];
  /** Entries of a full page. */
  readonly leafSize: number;
  /** How many entries were imported at once. */
  readonly imported: number;
  /** The largest head, in bytes. */
  readonly largestHead: number;
  /** All that came before the batches, published at once. */
  readonly publishImport: PublishCost;
  readonly publishEach: PublishCost;
  readonly publishBatch100: PublishCost;
  readonly writerMiB: number;
}

/** The payload of an entry: its sequence number, and then a byte that differs from one entry to the next. */
export function payloadOf(sequence: number, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes).fill(sequence % 251);
  const number = new TextEncoder().encode(`${sequence} `);
  payload.set(number.subarray(0, bytes));
  return payload;
}

/**
 * Builds a log: most of it at once, then batches of {@link BATCH} published together, then {@link LENGTHS} entries
 * each published by itself. The journal is a database in a folder of its own, which is removed afterwards.
 */
export async function buildLog(options: LogOptions): Promise<CountedLog> {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-costs-"));
  try {
    return await buildIn(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildIn(
  folder: string,
  { entries, payloadBytes, leafSize = defaultSettings.leafSize, bundles }: LogOptions,
): Promise<CountedLog> {
  const contents = new OffHeapContents();
  const table = new NameTable();
  const remote: Remote = {
    label: "memory",
    storage: memoryStorage({ contents }),
    names: memoryNames({ table }),
  };
  const writes: Writes = { puts: 0, putBytes: 0, updates: 0, updateBytes: 0 };
  const gauge = new MemoryGauge(() => contents.heldBytes);
  const counted = countWrites(remote, writes, () => {
    if (writes.puts % PUTS_PER_SAMPLE === 0) gauge.sample();
  });
  const writer = await openWriter({
    seed: generateSeed(),
    journal: withoutSync(new ClassicLevel(join(folder, "journal"))),
    remotes: [counted],
    publish: "manual",
    settings: { visibility: "public", leafSize },
    bundles,
  });
  const append = async (count: number): Promise<void> => {
    const payloads = Array.from({ length: count }, (_, i) => payloadOf(writer.size + i, payloadBytes));
    await writer.appendAll(payloads);
  };
  const batches = Math.min(256, Math.floor((entries - LENGTHS) / 2 / BATCH));
  const bulk = entries - LENGTHS - batches * BATCH;
  if (batches < 1) throw new RangeError(`At least ${LENGTHS + 2 * BATCH} entries are needed.`);
  const publishImport = await costOf(writer, writes, payloadBytes, async () => {
    while (writer.size < bulk) await append(Math.min(ENTRIES_AT_ONCE, bulk - writer.size));
    await writer.publish();
  });
  gauge.sample();

  const publishBatch100 = await costOf(writer, writes, payloadBytes, async () => {
    for (let i = 0; i < batches; i++) {
      await append(BATCH);
      await writer.publish();
    }
  });
  const snapshots: Snapshot[] = [];
  let largestHead = 0;
  const publishEach = await costOf(writer, writes, payloadBytes, async () => {
    for (let i = 0; i < LENGTHS; i++) {
      await append(1);
      await writer.publish();
      const head = table.values.get(writer.logId)!.content;
      largestHead = Math.max(largestHead, head.length);
      snapshots.push({ size: writer.size, head: contents.keepAside(head) });
    }
  });
  gauge.sample();
  const { logId } = writer;
  await writer.close();
  const costs = { publishImport, publishBatch100, publishEach };
  return {
    logId,
    contents,
    snapshots,
    leafSize,
    imported: bulk,
    largestHead,
    ...costs,
    writerMiB: gauge.peakMiB,
  };
}

async function costOf(
  writer: Writer,
  writes: Writes,
  payloadBytes: number,
  work: () => Promise<void>,
): Promise<PublishCost> {
  const before = { ...writes, size: writer.size };
  await work();
  const entries = writer.size - before.size;
  const bytes = writes.putBytes - before.putBytes + writes.updateBytes - before.updateBytes;
  return {
    bytesPerAppend: bytes / entries,
    bytesPerPayloadByte: bytes / entries / payloadBytes,
    writesPerAppend: (writes.puts - before.puts) / entries,
  };
}

/** The same database without waiting for the disk: nothing is timed here, and what is counted is the same. */
function withoutSync(database: ClassicLevel<Uint8Array, Uint8Array>): KeyValueDatabase {
  return {
    get status() {
      return database.status;
    },
    open: () => database.open(),
    close: () => database.close(),
    get: (key, options) => database.get(key, options),
    batch: (operations, options) => database.batch(operations, { ...options, sync: false }),
    iterator: (options) => database.iterator(options),
  };
}
