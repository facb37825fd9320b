// The tree of first entries, out of as few records as there are for it.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { Address } from "../../src/address/address.ts";
import type { BatchOperation } from "../../src/journal/database.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { storedPrefix } from "../../src/writer/stored-prefix.ts";
import { entriesOf, journalOf, sealing, treeOf } from "../journal/small-log.ts";

const genesis = { leafSize: 2, fanOut: 2 };
const SIZE = 23;
const address = Address.create(0x55, 0x12, new Uint8Array(32));

/** A journal of 23 entries, and the refs that a remote has of the first pages: each level as far as it is full. */
async function stored(pages: number) {
  const { journal } = await journalOf(SIZE);
  const records = new RemoteRecords(journal, "one");
  const leaves = entriesOf(0, SIZE).map(({ localHash, contentHash }) => leafHashOf(localHash, contentHash));
  const operations: BatchOperation[] = [];
  for (let level = 0, width = 2; width <= pages * 2; level++, width *= 2) {
    // The newest full node of a level is not yet in the level above.
    const refs = level === 0 ? pages : Math.floor((pages * 2 - 1) / width);
    for (let index = 0; index < refs; index++) {
      const hash = perfectSubtreeHash(leaves.slice(index * width, (index + 1) * width));
      operations.push(records.refOperation(level, index, { hash, address }));
    }
  }
  await journal.write(operations, true);
  return { journal, records, sealing, genesis, pages };
}

test("it is that of the entries, for every size, however many pages are stored", async () => {
  for (const pages of [0, 1, 5, 11]) {
    const source = await stored(pages);
    for (let size = 0; size <= SIZE; size++) {
      const range = await storedPrefix(size, source);
      expect(range.size).toBe(size);
      expect(range.hashes(), `${size} of ${pages} pages`).toEqual(treeOf(size).hashes());
    }
  }
});

test("refs stand for what is in them: only the entries past them are read, and only the refs that are needed", async () => {
  const source = await stored(11);
  const refs = vi.spyOn(source.records, "loadRefs");
  const entries = vi.spyOn(source.journal, "entries");
  await storedPrefix(21, source);
  expect(refs.mock.calls).toEqual([
    [2, 0, 2],
    [1, 4, 5],
  ]);
  expect(entries.mock.calls.map(([from, to]) => [from, to])).toEqual([[20, 21]]);
  refs.mockClear();
  await storedPrefix(3, source);
  expect(refs.mock.calls).toEqual([[0, 0, 1]]);
});

test("no ref is asked for past the pages that are stored, however small they are", async () => {
  const source = { ...(await stored(0)), genesis: { leafSize: 1, fanOut: 2 }, pages: 1 };
  const [leaf] = treeOf(1).hashes();
  await source.journal.write([source.records.refOperation(0, 0, { hash: leaf!, address })], true);
  expect((await storedPrefix(2, source)).hashes()).toEqual(treeOf(2).hashes());
});

test("a ref that should be there and is not is told", async () => {
  const source = await stored(4);
  expect(await failure(storedPrefix(12, { ...source, pages: 6 }))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
  });
});
