// How much memory the entries of one array may take: their contents, and 512 bytes for each.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { collectEntries } from "../../src/reader/collect-entries.ts";
import { ENTRY_COST, type Entry } from "../../src/tree/entry.ts";

const entry = (sequence: number, bytes: number) => ({ sequence, content: new Uint8Array(bytes) }) as Entry;

async function* entriesOf(...sizes: readonly number[]): AsyncGenerator<Entry> {
  for (const [sequence, bytes] of sizes.entries()) yield entry(sequence, bytes);
}

test("entries are collected in their order up to the very limit, and one byte more is refused", async () => {
  const limit = 3 * ENTRY_COST + 30;
  const collected = await collectEntries(entriesOf(10, 0, 20), limit);
  expect(collected).toEqual([entry(0, 10), entry(1, 0), entry(2, 20)]);
  expect(await failure(collectEntries(entriesOf(10, 0, 21), limit))).toMatchObject({
    code: "ERR_TOO_LARGE",
    operation: "reader.latest",
    limit,
  });
});

test("nothing is read beyond the limit, however many entries are empty", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Entry> {
    for (;;) yield entry(read++, 0);
  }
  expect(await failure(collectEntries(endless(), 10 * ENTRY_COST))).toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(read).toBe(11);
  expect(await collectEntries(entriesOf(), 0)).toEqual([]);
});
