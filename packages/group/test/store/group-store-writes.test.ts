// What the store of a group writes, and what of it the next run finds.

import { expect, test } from "vitest";
import { GroupStore, type NewEntry } from "../../src/store/group-store.ts";
import { LARGEST_NUMBER } from "../../src/wire/position.ts";
import { type SpiedDatabase, spiedDatabase } from "./spied-database.ts";

const [ONE, TWO, THREE] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];

async function open(
  database: SpiedDatabase = spiedDatabase(),
): Promise<{ store: GroupStore; database: SpiedDatabase }> {
  const store = new GroupStore(database);
  await store.open();
  return { store, database };
}

function entry(log: string, sequence: number, more: Partial<NewEntry> = {}): NewEntry {
  const content = new Uint8Array([sequence % 256, more.time === undefined ? 0 : 1]);
  return { log, sequence, content, receivedAt: 7, ...more };
}

/** A message, whose content says that it is one. */
const message = (
  log: string,
  sequence: number,
  time = sequence + 1,
  more: Partial<NewEntry> = {},
): NewEntry => entry(log, sequence, { time, ...more });

/** The time of an entry that is a message, as its content says. */
const timeOf = ([sequence, isMessage]: Uint8Array): number | undefined =>
  isMessage === 1 ? sequence! + 1 : undefined;

async function sequencesOf(store: GroupStore, log: string, from?: number): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { sequence } of store.entriesOf(log, from)) found.push(sequence);
  return found;
}

test("it opens its database, and begins with nothing read", async () => {
  const { store, database } = await open();
  expect(database.opened).toBe(1);
  expect(store.stateOf(ONE)).toEqual({ next: 0, latest: 0, heard: 0, covered: 0, end: LARGEST_NUMBER });
  expect([store.arrivals, store.latest, store.frontier(ONE)]).toEqual([0, 0, []]);
});

test("entries are kept in one synced write, and nothing is written for what was kept already", async () => {
  const { store, database } = await open();
  await store.add([message(ONE, 0), entry(ONE, 1), message(TWO, 0, 9)]);
  // The entries, the places and arrivals of the messages, and the states of the logs.
  expect(database.writes).toEqual([{ operations: 3 + 2 * 2 + 2, sync: true }]);
  await store.add([message(ONE, 0), entry(ONE, 1)]);
  await store.add([]);
  expect(database.writes).toHaveLength(1);
  expect(store.stateOf(ONE)).toEqual({ next: 2, latest: 1, heard: 7, covered: 0, end: LARGEST_NUMBER });
  expect([store.latest, store.arrivals]).toEqual([9, 2]);
  const again = (await open(database)).store;
  expect(again.stateOf(ONE)).toEqual(store.stateOf(ONE));
  expect([again.latest, again.arrivals]).toEqual([9, 2]);
});

test("what is no message has no place in the order, and leaves the newest time as it was", async () => {
  const { store } = await open();
  await store.add([entry(ONE, 0), entry(TWO, 0)]);
  expect(await store.orderedAfter(undefined)).toEqual([]);
  expect([store.stateOf(ONE).latest, store.arrivals]).toEqual([0, 0]);
  // Nor is it a parent of what is written.
  expect(store.frontier(THREE)).toEqual([]);
});

test("the frontier has the newest message of each log that nothing names, and none of one's own", async () => {
  const { store, database } = await open();
  await store.add([message(ONE, 0), message(ONE, 1), message(TWO, 0), message(THREE, 0)]);
  expect(store.frontier(THREE)).toEqual([
    { log: ONE, sequence: 1 },
    { log: TWO, sequence: 0 },
  ]);
  // In one step with what it names.
  await store.add([
    message(TWO, 1),
    message(THREE, 1, 9, {
      parents: [
        { log: ONE, sequence: 1 },
        { log: TWO, sequence: 0 },
      ],
    }),
  ]);
  expect(store.frontier(THREE)).toEqual([{ log: TWO, sequence: 1 }]);
  expect(store.stateOf(ONE).covered).toBe(2);
  // A later message that names an earlier one takes nothing back.
  await store.add([message(THREE, 2, 10, { parents: [{ log: ONE, sequence: 0 }] })]);
  expect(store.stateOf(ONE).covered).toBe(2);
  await store.add([message(ONE, 2, 11)]);
  expect(store.frontier(THREE)).toContainEqual({ log: ONE, sequence: 2 });
  expect((await open(database)).store.frontier(THREE)).toEqual(store.frontier(THREE));
});

test("a log that begins in the same step may be named in it, and an unknown one is not kept", async () => {
  const { store } = await open();
  await store.add([
    message(ONE, 0),
    message(TWO, 0, 2, {
      parents: [
        { log: ONE, sequence: 0 },
        { log: THREE, sequence: 5 },
      ],
    }),
  ]);
  expect([store.stateOf(ONE).covered, store.stateOf(THREE).covered]).toEqual([1, 0]);
  expect(store.frontier(THREE)).toEqual([{ log: TWO, sequence: 0 }]);
});

test("what is passed over is not read again, also by the next run, and never back", async () => {
  const { store, database } = await open();
  await store.add([entry(ONE, 0)]);
  await store.skip(ONE, 5);
  expect(store.stateOf(ONE)).toMatchObject({ next: 5, heard: 7 });
  for (const next of [5, 3]) await store.skip(ONE, next);
  expect(database.writes).toEqual([
    { operations: 2, sync: true },
    { operations: 1, sync: true },
  ]);
  expect((await open(database)).store.stateOf(ONE).next).toBe(5);
});

test("entries of a log come in steps of 256, each once, from any number on, and none of another log", async () => {
  const { store } = await open();
  for (const log of [ONE, TWO, THREE]) await store.add(Array.from({ length: 600 }, (_, i) => entry(log, i)));
  const all = Array.from({ length: 600 }, (_, i) => i);
  expect(await sequencesOf(store, TWO)).toEqual(all);
  expect(await sequencesOf(store, TWO, 300)).toEqual(all.slice(300));
  const exact = await open();
  await exact.store.add(Array.from({ length: 512 }, (_, i) => entry(ONE, i)));
  expect(await sequencesOf(exact.store, ONE)).toEqual(all.slice(0, 512));
});

test("messages are withdrawn and put back one by one, each durable, and what is no message is left alone", async () => {
  const { store, database } = await open();
  await store.add([message(ONE, 0), entry(ONE, 1), message(ONE, 2), message(ONE, 3)]);
  database.writes.length = 0;
  expect(await store.setEnd(ONE, 2, timeOf)).toEqual([
    { log: ONE, sequence: 2 },
    { log: ONE, sequence: 3 },
  ]);
  expect(database.writes).toEqual(Array(3).fill({ operations: 1, sync: true }));
  const ends = async (of: GroupStore): Promise<unknown> => [
    of.stateOf(ONE).end,
    (await of.orderedAfter(undefined)).length,
  ];
  expect(await ends(store)).toEqual([2, 1]);
  expect(await ends((await open(database)).store)).toEqual([2, 1]);
  // The same end again costs nothing.
  await store.setEnd(ONE, 2, timeOf);
  expect(database.writes).toHaveLength(3);
  expect(await store.setEnd(ONE, LARGEST_NUMBER, timeOf)).toEqual([]);
  expect(await ends(store)).toEqual([LARGEST_NUMBER, 3]);
  expect(store.arrivals).toBe(5);
  // What came back came anew: its first arrival counts no more.
  const { found, next } = await store.arrivedFrom(0);
  expect([found.map(({ arrival, position }) => [arrival, position.sequence]), next]).toEqual([
    [
      [0, 0],
      [3, 2],
      [4, 3],
    ],
    5,
  ]);
});

test("entries are dropped in one synced write, with their places in the order, and the newest time is that of the rest", async () => {
  const { store, database } = await open();
  await store.add([message(ONE, 0), entry(ONE, 1), message(ONE, 2), entry(ONE, 3)]);
  database.writes.length = 0;
  expect(await store.drop(ONE, 4, timeOf)).toEqual([]);
  expect(database.writes).toEqual([]);
  expect(await store.drop(ONE, 1, timeOf)).toEqual([1, 2, 3].map((sequence) => ({ log: ONE, sequence })));
  // Three entries, one place, and the state.
  expect(database.writes).toEqual([{ operations: 5, sync: true }]);
  expect(store.stateOf(ONE)).toMatchObject({ next: 1, latest: 1 });
  expect((await store.orderedAfter(undefined)).map(({ position }) => position.sequence)).toEqual([0]);
  await store.drop(ONE, 0, timeOf);
  expect(store.stateOf(ONE)).toMatchObject({ next: 0, latest: 0 });
});

test("the newest time of what is left is that of its messages, and none if there are none", async () => {
  const { store } = await open();
  await store.add([entry(ONE, 0), message(ONE, 1), entry(ONE, 2), message(ONE, 3)]);
  await store.drop(ONE, 3, timeOf);
  expect(store.stateOf(ONE)).toMatchObject({ next: 3, latest: 2 });
  await store.drop(ONE, 1, timeOf);
  expect(store.stateOf(ONE)).toMatchObject({ next: 1, latest: 0 });
});

test("a write that fails is told to whom asked for it, and the next one is made", async () => {
  const { store, database } = await open();
  database.fails = new Error("disk full");
  const failing = store.add([entry(ONE, 0)]);
  const following = store.add([entry(TWO, 0)]);
  await expect(failing).rejects.toThrow("disk full");
  await following;
  expect([store.stateOf(ONE).next, store.stateOf(TWO).next]).toEqual([0, 1]);
});

test("writes are made one after another, and settled when all are made", async () => {
  const { store } = await open();
  const order: string[] = [];
  const first = store.add([message(ONE, 0)]).then(() => order.push("first"));
  const second = store.add([message(TWO, 0)]).then(() => order.push("second"));
  await store.settled();
  expect(store.arrivals).toBe(2);
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});

test("entries, their order, the states, the arrivals and what readers keep do not mix", async () => {
  const { store, database } = await open();
  await store.add([message(ONE, 0)]);
  const letters = [...(await database.contents()).keys()].map((key) => key.slice(0, 2));
  expect(letters).toEqual(["01", "02", "03", "04"]);
});
