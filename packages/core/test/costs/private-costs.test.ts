// What a private log costs beside a public one of the same entries: in bytes at most 1.15 times as much if it is not padded, 1.19 in bundles, and
// not one request more.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, test } from "vitest";
import {
  countReads,
  countWrites,
  type Reads,
  type Writes,
} from "../../../../bench/src/costs/counted-remote.ts";
import { bytesEqual } from "../../src/bytes.ts";
import { generateSeed, openReader, openWriter, type Reader, type Visibility } from "../../src/index.ts";

/** Enough for the newest 1,000. */
const AT_ONCE = 900;
const BATCHES = 3;
const EACH = 20;
const SIZE: number = AT_ONCE + BATCHES * 100 + EACH;
const PAYLOAD_BYTES = 256;
/** What the seal and the identifier of a private entry add to a page or a head. */
const BYTES_LIMIT = 1.15;
/**
 * In a bundle a public entry takes 256 bytes and some 11 more: its identifier follows from it. A private one needs 16 of a seal and 34 of an
 * identifier that nobody without the key can compute, and so at least (256 + 11 + 50) / (256 + 11) = 1.187 times as much.
 */
const BUNDLED_BYTES_LIMIT = 1.19;

interface Cost {
  readonly bytes: number;
  readonly requests: number;
}

type Costs = Readonly<Record<string, Cost>>;

const payloads: readonly Uint8Array[] = Array.from({ length: SIZE }, (_, i) =>
  new Uint8Array(PAYLOAD_BYTES).fill(i % 251),
);

let privately: Costs;
let publicly: Costs;
beforeAll(async () => {
  [privately, publicly] = [await costsOf("private"), await costsOf("public")];
});

async function costsOf(visibility: Visibility): Promise<Costs> {
  const writes: Writes = { puts: 0, putBytes: 0, updates: 0, updateBytes: 0 };
  const remote = memoryRemote();
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" }),
    remotes: [countWrites(remote, writes, () => undefined)],
    publish: "manual",
    settings: { visibility, ...(visibility === "private" && { padding: "none" }) },
  });
  const appended = async (count: number, times: number): Promise<Cost> => {
    const before = { ...writes };
    for (let i = 0; i < times; i++) {
      await writer.appendAll(payloads.slice(writer.size, writer.size + count));
      await writer.publish();
    }
    const bytes = writes.putBytes - before.putBytes + writes.updateBytes - before.updateBytes;
    return { bytes, requests: writes.puts - before.puts + writes.updates - before.updates };
  };
  const atOnce = await appended(AT_ONCE, 1);
  const batches = await appended(100, BATCHES);
  const each = await appended(1, EACH);

  const { logId, readKey: key } = writer;
  const read = async (work: (reader: Reader) => Promise<void>): Promise<Cost> => {
    const reads: Reads = { requests: 0, bytes: 0, dependent: 0 };
    const reader = await openReader({ logId, key, remotes: [countReads(remote, reads)] });
    await work(reader);
    await reader.close();
    return { bytes: reads.bytes, requests: reads.requests };
  };
  const from = (first: number) => async (reader: Reader) => {
    let next = first;
    for await (const { content } of reader.from(first)) if (bytesEqual(content, payloads[next]!)) next++;
    expect(next).toBe(SIZE);
  };
  const costs = {
    "an import": atOnce,
    "batches of 100": batches,
    "appends, each published alone": each,
    "a reader of everything": await read(from(0)),
    "a reader of the newest 1,000": await read(from(SIZE - 1000)),
    "a reader of the newest 16": await read(from(SIZE - 16)),
    "a reader of the newest": await read(from(SIZE - 1)),
    "a reader of entry 300": await read(async (reader) => {
      expect((await reader.entry(300)).content).toEqual(payloads[300]);
    }),
  };
  await writer.close();
  return costs;
}

test.each([
  ["an import", BUNDLED_BYTES_LIMIT],
  ["batches of 100", BYTES_LIMIT],
  ["appends, each published alone", BYTES_LIMIT],
  ["a reader of everything", BUNDLED_BYTES_LIMIT],
  ["a reader of the newest 1,000", BUNDLED_BYTES_LIMIT],
  ["a reader of the newest 16", BYTES_LIMIT],
  ["a reader of the newest", BYTES_LIMIT],
  ["a reader of entry 300", BUNDLED_BYTES_LIMIT],
] as const)("%s: at most %d times the bytes of a public log, and as many requests", (what, limit) => {
  const [ours, theirs] = [privately[what]!, publicly[what]!];
  expect(theirs.bytes).toBeGreaterThan(0);
  expect(ours.bytes / theirs.bytes).toBeLessThanOrEqual(limit);
  expect(ours.requests).toBe(theirs.requests);
});
