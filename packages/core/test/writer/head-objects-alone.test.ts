// Which heads are noted as objects, which are old, and what is stored of them: without a writer around it.

import { memoryStorage } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import type { BatchOperation } from "../../src/journal/database.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { OldObjectsRecord } from "../../src/journal/old-objects.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { encodeHeadPointer } from "../../src/log/head.ts";
import { HeadObjects } from "../../src/writer/head-objects.ts";
import { text, textOf } from "./log-contents.ts";

const { signal } = new AbortController();

/** The heads of a remote by themselves, with what they note and store. */
async function headsAlone() {
  const database = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  await database.open();
  const journal = await Journal.open(database);
  onTestFinished(() => journal.close());
  const records = new RemoteRecords(journal, "one");
  const storage = memoryStorage();
  const put = vi.spyOn(storage, "put");
  const heads = new HeadObjects({ records, storage });
  const note = (operations: BatchOperation[]) => journal.write(operations, true);
  const noted = async () =>
    (await records.loadHeadObjects()).map(({ address, size }) => [`${address}`, size]);
  const old = async () => {
    const found: OldObjectsRecord[] = [];
    for await (const record of records.oldObjects.load()) found.push(record);
    return found.map(({ tree, since }) => [tree.map(String), since]);
  };
  return { heads, put, note, noted, old };
}

/** What a name holds that leads to a head, and where that is. */
async function pointer(head: string) {
  const address = await addressOf(text(head), rawSha256);
  return { content: encodeHeadPointer(address), address: `${address}` };
}

test("a head that is signed again is noted once", async () => {
  const { heads, note, noted } = await headsAlone();
  const [one, two] = [await pointer("one"), await pointer("two")];
  for (const { content } of [one, two, one]) await note(await heads.signedOperations({ content, size: 3 }));
  expect(await noted()).toEqual([
    [two.address, 3],
    [one.address, 3],
  ]);
});

test("a head is stored once, and an intent without one needs nothing", async () => {
  const { heads, put } = await headsAlone();
  await heads.store({}, signal);
  expect(put).not.toHaveBeenCalled();
  const [one, two] = [text("one"), text("two")];
  for (const head of [one, one, undefined, two]) await heads.store({ ...(head && { head }) }, signal);
  expect(put.mock.calls.map(([content]) => textOf(content))).toEqual(["one", "two"]);
});

test("the head that a name shows is noted, and nothing is written if it is already", async () => {
  const { heads, note, noted, old } = await headsAlone();
  const { content, address } = await pointer("one");
  const shown = () => heads.shownOperations({ content, size: 3 }, undefined, 10);
  await note(await shown());
  expect(await noted()).toEqual([[address, 3]]);
  expect(await shown()).toEqual([]);
  expect(await old()).toEqual([]);
});

test("heads that are old are as old as the oldest: of one that nobody noted, no entry is known", async () => {
  const { heads, note, old } = await headsAlone();
  const [one, two, three, four] = await Promise.all(["one", "two", "three", "four"].map(pointer));
  for (const [{ content }, size] of [
    [one!, 1],
    [two!, 5],
  ] as const)
    await note(await heads.signedOperations({ content, size }));
  await note(await heads.shownOperations({ content: three!.content, size: 6 }, undefined, 10));
  await note(await heads.shownOperations({ content: four!.content, size: 7 }, one!.content, 20));
  expect(await old()).toEqual([
    [[one!.address, two!.address], 1],
    // Of all entries, that is.
    [[three!.address, one!.address], undefined],
  ]);
});
