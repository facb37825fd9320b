// Entries set aside by a recovery: none is lost, wherever the recovery is interrupted.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { EntriesAside } from "../../src/journal/entries-aside.ts";
import { Journal } from "../../src/journal/journal.ts";
import { asideKey, entryKey, recoveryKey } from "../../src/journal/keys.ts";
import { removeFromJournal } from "../../src/journal/removal.ts";
import { text, textOf } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";
import { all, contentOf, entriesOf, journalOf, keysOf, sealing } from "./small-log.ts";

const corrupt = { code: "ERR_JOURNAL_CORRUPT" };

test("the entries of the stretch, and no others, are durable before the recovery is said to be under way", async () => {
  const { database, journal } = await journalOf(6);
  expect([await EntriesAside.underWay(journal), await EntriesAside.end(journal)]).toEqual([false, 0]);
  database.writes.length = 0;
  const aside = await EntriesAside.take(journal, sealing, 2, 5);
  expect([aside.start, aside.end]).toEqual([2, 5]);
  expect(database.writes.map(({ sync }) => sync)).toEqual([true, true]);
  expect(keysOf(database.writes[0]!.operations)).toEqual(keysOf([2, 3, 4].map((n) => put(asideKey(n)))));
  expect(keysOf(database.writes[1]!.operations)).toEqual(["put v"]);
  expect(textOf((await journal.get(recoveryKey))!)).toBe("2 5");
  expect([await EntriesAside.underWay(journal), await EntriesAside.end(journal)]).toEqual([true, 5]);
  expect(await all(aside.entries(2))).toEqual(entriesOf(2, 5));
  expect(await all(aside.entries(4))).toEqual(entriesOf(4, 5));
});

const put = (key: Uint8Array) => ({ type: "put", key, value: new Uint8Array(0) }) as const;

test("what is left of removed entries is set aside as that", async () => {
  const { journal } = await journalOf(6);
  await removeFromJournal(journal, [{ first: 3, count: 2 }], { sealing, size: 6 });
  const before = await all(journal.entries(2, 6, sealing));
  expect(before.map(({ removed }) => removed === true)).toEqual([false, true, true, false]);
  const aside = await EntriesAside.take(journal, sealing, 2, 6);
  expect(await all(aside.entries(2))).toEqual(before);
});

test("a stretch without entries needs its mark alone", async () => {
  const { database, journal } = await journalOf(3);
  database.writes.length = 0;
  const aside = await EntriesAside.take(journal, sealing, 3, 3);
  expect(database.writes.map(({ operations }) => keysOf(operations))).toEqual([["put v"]]);
  expect(await all(aside.entries(3))).toEqual([]);
});

test("an interrupted recovery continues with what it set aside, whatever was written in its place", async () => {
  const { database, journal } = await journalOf(6);
  await EntriesAside.take(journal, sealing, 2, 6);
  const [other] = entriesOf(9, 10);
  const value = Uint8Array.of(...other!.localHash, ...contentOf(9));
  await journal.write([{ type: "put", key: entryKey(2), value }], true);
  const again = await Journal.open(new PowerCutDatabase(database.afterPowerCut()));
  const aside = await EntriesAside.take(again, sealing, 2, 3);
  expect([aside.start, aside.end]).toEqual([2, 6]);
  expect(await all(aside.entries(2))).toEqual(entriesOf(2, 6));
});

test("a mark that does not fit the recovery is corrupt", async () => {
  const { journal } = await journalOf(6);
  for (const mark of ["1 6", "2", "", "x y"]) {
    await journal.write([{ type: "put", key: recoveryKey, value: text(mark) }], true);
    expect(await failure(EntriesAside.take(journal, sealing, 2, 6))).toMatchObject({
      ...corrupt,
      message: expect.stringContaining("unfinished recovery"),
    });
  }
});

test("a recovery of a journal without entries begins with an empty stretch", async () => {
  const { journal } = await journalOf(0);
  await journal.write([EntriesAside.beginOperation()], true);
  expect([await EntriesAside.underWay(journal), await EntriesAside.end(journal)]).toEqual([true, 0]);
  const aside = await EntriesAside.take(journal, sealing, 0, 0);
  expect([aside.start, aside.end]).toEqual([0, 0]);
});

test("an entry that is missing among those set aside is told", async () => {
  const { database, journal } = await journalOf(6);
  const aside = await EntriesAside.take(journal, sealing, 2, 6);
  await database.batch([{ type: "del", key: asideKey(5) }]);
  expect(await failure(all(aside.entries(2)))).toMatchObject({
    ...corrupt,
    message: expect.stringContaining("entry 5, set aside by a recovery, is missing"),
  });
});

test("the end of a recovery deletes its mark, what was set aside, and what lies past the entries that are kept", async () => {
  const { journal } = await journalOf(6);
  const aside = await EntriesAside.take(journal, sealing, 3, 5);
  const operations = await aside.endOperations(4);
  const deleted = [recoveryKey, asideKey(3), asideKey(4), entryKey(4), entryKey(5)];
  expect(operations).toEqual(deleted.map((key) => ({ type: "del", key })));
  await journal.write(operations, true);
  expect(await EntriesAside.underWay(journal)).toBe(false);
  expect(await all(journal.entries(0, 4, sealing))).toEqual(entriesOf(0, 4));
});

test("a long stretch is copied in batches: at most 1,024 entries, or some 8 MiB, are in one", async () => {
  const count = async (entries: readonly Uint8Array[]): Promise<number[]> => {
    const { journal } = await journalOf(0);
    vi.spyOn(journal, "range").mockImplementation(async function* () {
      for (const [i, value] of entries.entries()) yield [entryKey(i), value];
    });
    // Without checksums, which take long for this many bytes.
    const write = vi.spyOn(journal, "write").mockResolvedValue();
    await EntriesAside.take(journal, sealing, 0, entries.length);
    expect(write.mock.calls.every(([, durable]) => durable)).toBe(true);
    return write.mock.calls.slice(0, -1).map(([operations]) => operations.length);
  };
  const small = new Uint8Array(1);
  expect(await count(Array.from({ length: 1024 }, () => small))).toEqual([1024]);
  expect(await count(Array.from({ length: 2050 }, () => small))).toEqual([1024, 1024, 2]);
  const [half, less] = [new Uint8Array(4 * 2 ** 20), new Uint8Array(4 * 2 ** 20 - 1)];
  expect(await count([half, half, half])).toEqual([2, 1]);
  expect(await count([half, less, half])).toEqual([3]);
  // Each batch is counted from its beginning.
  expect(await count([half, half, half, half])).toEqual([2, 2]);
  expect(await count([half, half, half, less, small])).toEqual([2, 3]);
});
