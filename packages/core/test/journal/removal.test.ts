// Contents leave the journal: in bounded batches, each whole or not at all, and from the files of its database.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure } from "@remote-log/test-kit";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { AppendTimes } from "../../src/journal/append-times.ts";
import { Journal } from "../../src/journal/journal.ts";
import { removedKey, removedRangesKey } from "../../src/journal/keys.ts";
import { loadRemoved, removeFromJournal } from "../../src/journal/removal.ts";
import { text } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";
import { all, contentOf, entriesOf, journalOf, sealing, treeOf } from "./small-log.ts";

const options = (size: number) => ({ sealing, size });
const corrupt = { code: "ERR_JOURNAL_CORRUPT" };

test("the two hashes of an entry are left, in its place, and the tree is what it was", async () => {
  const { journal } = await journalOf(6);
  expect(await removeFromJournal(journal, [{ first: 1, count: 2 }], options(6))).toEqual([
    { first: 1, count: 2 },
  ]);
  const entries = await all(journal.entries(0, 6, sealing));
  const whole = entriesOf(0, 6);
  for (const [i, entry] of entries.entries()) {
    const { sequence, localHash, contentHash } = whole[i]!;
    if (i === 1 || i === 2) expect(entry).toEqual({ sequence, removed: true, localHash, contentHash });
    else expect(entry).toEqual(whole[i]);
  }
  expect((await journal.loadTree(sealing)).root()).toEqual(treeOf(6).root());
  expect((await journal.loadIntactTree(sealing)).root()).toEqual(treeOf(6).root());
  expect((await all(journal.removedEntries(0, 6))).map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(await all(journal.removedEntries(3, 3))).toEqual([]);
});

test("a removal continues in batches of a bounded size, and can be cut between any two of them", async () => {
  const { database, journal } = await journalOf(1200);
  const before = database.afterPowerCut();
  database.writes.length = 0;
  const removal = [{ first: 0, count: 1100 }];
  await removeFromJournal(journal, removal, options(1200));
  const sizes = database.writes.map(({ operations }) => operations.length);
  expect(sizes).toEqual([2048, 152, 1]);
  expect(database.writes.every(({ sync }) => sync)).toBe(true);
  for (const cut of [1, 2]) {
    const cutOff = new PowerCutDatabase(before);
    let writes = 0;
    cutOff.onWrite = () => {
      if (++writes > cut) throw new Error("power cut");
    };
    const removing = removeFromJournal(await Journal.open(cutOff), removal, options(1200));
    expect(await failure(removing)).toMatchObject({ code: "ERR_JOURNAL" });
    const again = await Journal.open(new PowerCutDatabase(cutOff.afterPowerCut()));
    expect(await loadRemoved(again)).toEqual([]);
    await removeFromJournal(again, removal, options(1200));
    expect((await all(again.removedEntries(0, 1200))).length).toBe(1100);
    expect((await again.loadTree(sealing)).root()).toEqual((await journal.loadTree(sealing)).root());
  }
});

test("large contents are removed in smaller batches", async () => {
  const { database, journal } = await journalOf(0);
  const entries = Array.from({ length: 5 }, (_, sequence) => {
    const content = new Uint8Array(3 * 2 ** 20).fill(sequence);
    return { sequence, content, ...sealing.seal(sequence, content) };
  });
  await journal.write(
    journal.appendOperations(entries, () => treeOf(0)),
    true,
  );
  database.writes.length = 0;
  await removeFromJournal(journal, [{ first: 0, count: 5 }], options(5));
  // 8 MiB at once, and what is left; then that they are removed.
  expect(database.writes.map(({ operations }) => operations.length)).toEqual([6, 4, 1]);
});

test("what was removed before, and what is not there yet, needs nothing", async () => {
  const { database, journal } = await journalOf(6);
  await removeFromJournal(journal, [{ first: 1, count: 2 }], options(6));
  database.writes.length = 0;
  expect(await removeFromJournal(journal, [{ first: 2, count: 1 }], options(6))).toEqual([
    { first: 1, count: 2 },
  ]);
  expect(database.writes).toEqual([]);
  expect(await removeFromJournal(journal, [{ first: 2, count: 8 }], options(6))).toEqual([
    { first: 1, count: 5 },
  ]);
});

test("records that are damaged are told, and nothing is made of them", async () => {
  const { journal } = await journalOf(6);
  for (const bad of [
    "",
    "{}",
    "[[1]]",
    "[[1,0]]",
    "[[-1,2]]",
    "[[3,1],[4,1]]",
    "[[3,1],[1,1]]",
    "[1]",
    "[[1e99,1]]",
    "[[0.5,1]]",
  ]) {
    await journal.write([{ type: "put", key: removedRangesKey, value: text(bad) }], true);
    expect(await failure(loadRemoved(journal)), bad).toMatchObject(corrupt);
  }
  await journal.write([{ type: "put", key: removedRangesKey, value: text("[[0,1],[2,1]]") }], true);
  expect(await loadRemoved(journal)).toEqual([
    { first: 0, count: 1 },
    { first: 2, count: 1 },
  ]);
  await journal.write([{ type: "del", key: removedRangesKey }], true);
  await removeFromJournal(journal, [{ first: 1, count: 1 }], options(6));
  await journal.write([{ type: "put", key: removedKey(1), value: new Uint8Array(63) }], true);
  expect(await failure(all(journal.entries(0, 6, sealing)))).toMatchObject({
    ...corrupt,
    message: expect.stringContaining("what is left of entry 1 is damaged"),
  });
});

test("no file of a LevelDB holds what was removed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "removal-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const journal = await Journal.open(new ClassicLevel(folder, { compression: false }));
  onTestFinished(() => journal.close());
  await journal.write(
    journal.appendOperations(entriesOf(0, 20), () => treeOf(20)),
    true,
  );
  const holds = async (content: string): Promise<boolean> => {
    const files = await readdir(folder);
    const read = await Promise.all(files.map((file) => readFile(join(folder, file), "latin1")));
    return read.some((bytes) => bytes.includes(content));
  };
  const [removed, kept] = [contentOf(12), contentOf(17)].map((bytes) =>
    Buffer.from(bytes).toString("latin1"),
  );
  expect([await holds(removed!), await holds(kept!)]).toEqual([true, true]);
  await removeFromJournal(journal, [{ first: 12, count: 2 }], options(20));
  expect([await holds(removed!), await holds(kept!)]).toEqual([false, true]);
});

test("times are kept to the minute, and nothing counts as older than it is", async () => {
  const { database, journal } = await journalOf(0);
  const minute = 60_000;
  const clock = { now: 1_000 * minute };
  const spy = vi.spyOn(Date, "now").mockImplementation(() => clock.now);
  onTestFinished(() => spy.mockRestore());
  const times = await AppendTimes.load(journal, 0);
  clock.now += minute;
  const append = async (size: number): Promise<void> => journal.write(times.appended(size), true);
  await append(10);
  clock.now += minute / 2;
  database.writes.length = 0;
  await append(11);
  expect(database.writes.flatMap(({ operations }) => operations)).toEqual([]);
  clock.now += 5 * minute;
  await append(20);
  clock.now -= 60 * minute;
  await append(30);
  clock.now += 120 * minute;
  expect(await times.firstAfter(1_000 * minute)).toBe(0);
  expect(await times.firstAfter(1_001 * minute)).toBe(10);
  expect(await times.firstAfter(1_002 * minute)).toBe(10);
  expect(await times.firstAfter(1_007 * minute)).toBe(30);
  // An entry of which no time is known is as new as the day it is found.
  const opened = await AppendTimes.load(journal, 35);
  expect(await opened.firstAfter(clock.now - 1)).toBe(30);
  clock.now += 2 * minute;
  expect(await opened.firstAfter(clock.now)).toBe(35);
});
