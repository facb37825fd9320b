// The pairs of entries as the journal has them: what is embedded, and where the rest is on its way to.

import { beforeEach, expect, test } from "vitest";
import { addressOf, rawSha256, type StorageBackend } from "../../src/index.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { removeFromJournal } from "../../src/journal/removal.ts";
import { EntryPairs } from "../../src/writer/entry-pairs.ts";
import { contentOf, entriesOf, journalOf, sealing } from "../journal/small-log.ts";

const SIZE = 12;
/** Contents of two digits are larger than this. */
const largestEmbedded = contentOf(9).length;

let journal: Journal;
let reads: (readonly [number, number])[];
let pairs: EntryPairs;
/** Ends the upload of each content that was put, in the order of their entries. */
let ends: (() => void)[];
let settled = 0;

const address = (content: Uint8Array) => addressOf(content, rawSha256);
const sink = {
  address,
  put: async (_content: Uint8Array, _address: unknown, onStored: () => void = () => undefined) =>
    void ends.push(onStored),
  settled: async () => void settled++,
};

beforeEach(async () => {
  ({ journal } = await journalOf(SIZE));
  reads = [];
  ends = [];
  settled = 0;
  const entries = journal.entries.bind(journal);
  Object.assign(journal, {
    entries: (from: number, to: number, how: never) => {
      reads.push([from, to]);
      return entries(from, to, how);
    },
  });
  const storage = { capabilities: { hashTypes: [rawSha256] } } as unknown as StorageBackend;
  pairs = new EntryPairs({ journal, sealing, storage, largestEmbedded });
});

async function expected(from: number, to: number, removed: readonly number[] = []) {
  const found = [];
  for (const { sequence, content, localHash, contentHash } of entriesOf(from, to)) {
    const place = removed.includes(sequence)
      ? { kind: "removed" }
      : content.length > largestEmbedded
        ? { kind: "pointer", address: await address(content) }
        : { kind: "embedded", stored: content };
    found.push({ localHash, contentHash, place });
  }
  return found;
}

test("contents up to a size are embedded, larger ones are put and pointed at, once all are there", async () => {
  expect(await pairs.pairs(7, 12, sink, () => undefined)).toEqual(await expected(7, 12));
  expect([ends.length, settled, reads]).toEqual([2, 1, [[7, 12]]]);
});

test("what was removed is neither embedded nor put", async () => {
  await removeFromJournal(journal, [{ first: 9, count: 2 }], { sealing, size: SIZE });
  expect(await pairs.pairs(8, 12, sink, () => undefined)).toEqual(await expected(8, 12, [9, 10]));
  expect(ends).toHaveLength(1);
  for (const sequence of [9, 10]) expect(await pairs.contentAddress(sequence)).toBeUndefined();
});

test("what is told is the first entry whose content is still on its way", async () => {
  const told: number[] = [];
  await pairs.pairs(10, 12, sink, (entries) => told.push(entries));
  ends[1]!();
  ends[0]!();
  expect(told).toEqual([10, 12]);
  const inOrder: number[] = [];
  await pairs.pairs(10, 12, sink, (entries) => inOrder.push(entries));
  ends[2]!();
  ends[3]!();
  expect(inOrder).toEqual([11, 12]);
});

test("the address of a content that is an object of its own is computed once, until it is forgotten", async () => {
  expect(await pairs.contentAddress(10)).toEqual(await address(contentOf(10)));
  expect(await pairs.contentAddress(10)).toEqual(await address(contentOf(10)));
  expect(reads).toEqual([[10, 11]]);
  expect(await pairs.contentAddress(11)).toEqual(await address(contentOf(11)));
  expect(await pairs.contentAddress(9)).toBeUndefined();
  expect(await pairs.contentAddress(9)).toBeUndefined();
  expect(reads).toHaveLength(3);
  pairs.clear();
  await pairs.contentAddress(9);
  expect(reads).toHaveLength(4);
});
