// What may be left behind without anybody knowing of it is on record before it is sent.

import { failure } from "@remote-log/test-kit";
import { beforeEach, expect, test } from "vitest";
import { type Address, addressOf, rawSha256 } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { OldObjectRecords } from "../../src/journal/old-objects.ts";
import { NotedObjects } from "../../src/writer/noted-objects.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const MIB = 2 ** 20;

let database: PowerCutDatabase;
let records: OldObjectRecords;
let journal: Journal;
let noted: NotedObjects;
/** What happened, in order. */
let steps: string[];
let addresses: Address[];

beforeEach(async () => {
  database = new PowerCutDatabase();
  journal = await Journal.open(database);
  records = new OldObjectRecords(journal, "one");
  addresses = await Promise.all([0, 1, 2, 3].map((i) => addressOf(text(`${i}`), rawSha256)));
  steps = [];
  database.onWrite = (_, sync) => void steps.push(sync ? "note" : "note that may be lost");
  noted = new NotedObjects(journal, records, {
    address: async (content) => addresses[content.length]!,
    put: async (bytes, address) =>
      void steps.push(`put ${addresses.findIndex((one) => one.equals(address))}, ${bytes.length}`),
    settled: async () => void steps.push("settled"),
  });
});

async function onRecord(): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { number, shownAt, tree, contents } of records.load())
    found.push([
      number,
      shownAt,
      tree.map((address) => addresses.findIndex((one) => one.equals(address))),
      contents,
    ]);
  return found;
}

test("what is put is noted on the disk first, and then sent", async () => {
  expect(await noted.address(new Uint8Array(2))).toBe(addresses[2]);
  await noted.put(new Uint8Array(5), addresses[0]!);
  await noted.put(new Uint8Array(6), addresses[1]!);
  expect(steps).toEqual([]);
  await noted.settled();
  expect(steps).toEqual(["note", "put 0, 5", "put 1, 6", "settled"]);
  expect(await onRecord()).toEqual([[0, undefined, [0, 1], []]]);
});

test("8 MiB are kept at most, and each time they are noted together", async () => {
  await noted.put(new Uint8Array(8 * MIB - 1), addresses[0]!);
  expect(steps).toEqual([]);
  await noted.put(new Uint8Array(1), addresses[1]!);
  expect(steps).toEqual(["note", `put 0, ${8 * MIB - 1}`, "put 1, 1"]);
  // It is counted from the beginning again.
  await noted.put(new Uint8Array(8 * MIB - 1), addresses[2]!);
  expect(steps).toHaveLength(3);
  await noted.settled();
  expect(steps.slice(3)).toEqual(["note", `put 2, ${8 * MIB - 1}`, "settled"]);
  expect(await onRecord()).toEqual([
    [0, undefined, [0, 1], []],
    [1, undefined, [2], []],
  ]);
});

test("if nothing was put, nothing is noted, and what was put before is not noted again", async () => {
  await noted.settled();
  expect(steps).toEqual(["settled"]);
  expect(noted.knownOperations()).toEqual([]);
  await noted.put(new Uint8Array(1), addresses[0]!);
  await noted.settled();
  await noted.settled();
  expect(steps.slice(1)).toEqual(["note", "put 0, 1", "settled", "settled"]);
});

test("once the tree has them they are off the record, and what others noted stays there", async () => {
  await journal.write(await records.addOperations({ tree: [addresses[3]!], contents: [] }), true);
  for (const address of [addresses[0]!, addresses[1]!]) {
    await noted.put(new Uint8Array(1), address);
    await noted.settled();
  }
  expect(await onRecord()).toHaveLength(3);
  await journal.write(noted.knownOperations(), true);
  expect(await onRecord()).toEqual([[0, undefined, [3], []]]);
});

test("what could not be noted is not sent", async () => {
  await noted.put(new Uint8Array(1), addresses[0]!);
  database.onWrite = () => {
    throw new Error("disk");
  };
  expect(await failure(noted.settled())).toMatchObject({ code: "ERR_JOURNAL" });
  expect(steps).toEqual([]);
  expect(noted.knownOperations()).toEqual([]);
});
