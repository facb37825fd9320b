// When entries were appended, to the minute: across runs, for clocks that are set back, and at the cost of one record a minute.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppendTimes } from "../../src/journal/append-times.ts";
import { timeKey } from "../../src/journal/keys.ts";
import { journalOf } from "./small-log.ts";

const MINUTE = 60_000;
/** In the middle of a minute. */
const START = 1000 * MINUTE + 30_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

/** The times of a journal, with what becomes of each append. */
async function timesOf(size = 0) {
  const { journal, database } = await journalOf(0);
  const open = async (at: number) => {
    const times = await AppendTimes.load(journal, at);
    const append = async (size: number): Promise<number> => {
      const operations = times.appended(size);
      if (operations.length > 0) await journal.write(operations, true);
      return operations.length;
    };
    return { times, append };
  };
  return { ...(await open(size)), open, journal, database };
}

const at = (milliseconds: number): void => {
  vi.setSystemTime(START + milliseconds);
};

test("the first entry after a time is found by the minute", async () => {
  const { times, append } = await timesOf();
  const written: number[] = [];
  for (const [time, size] of [
    [0, 3],
    [20_000, 5],
    [MINUTE, 7],
    [MINUTE + 59_999, 8],
    [2 * MINUTE, 9],
    [10 * MINUTE, 12],
  ] as const) {
    at(time);
    written.push(await append(size));
  }
  // At most one record a minute.
  expect(written).toEqual([0, 0, 1, 0, 1, 1]);
  for (const [time, first] of [
    [-START, 0],
    [-1, 0],
    [0, 0],
    [MINUTE - 1, 0],
    [MINUTE, 7],
    [2 * MINUTE - 1, 7],
    [2 * MINUTE, 9],
    [10 * MINUTE - 1, 9],
    [10 * MINUTE, 12],
    [99 * MINUTE, 12],
    [-2 * START, 0],
  ] as const)
    expect(await times.firstAfter(START + time), `${time}`).toBe(first);
});

test("what is not kept yet is written before it is asked for, once", async () => {
  const { times, append, database } = await timesOf();
  await times.save();
  expect(database.writes).toHaveLength(0);
  await append(3);
  expect(await times.firstAfter(START)).toBe(3);
  expect(database.writes).toHaveLength(1);
  await times.save();
  await times.firstAfter(START);
  expect(database.writes).toHaveLength(1);
  at(1000);
  await append(4);
  await times.save();
  expect(database.writes.map(({ sync }) => sync)).toEqual([false, false]);
  // The record of a minute says how many there were when it was last written.
  expect([await times.firstAfter(START), await times.firstAfter(START + 1000)]).toEqual([0, 4]);
});

test("a run continues with the times of the one before; entries of which none is known count as appended now", async () => {
  const { times, append, open, database } = await timesOf();
  await append(3);
  await times.save();
  at(5 * MINUTE);
  await append(4);
  await times.save();
  at(9 * MINUTE);
  const writes = database.writes.length;
  const same = await open(4);
  await same.times.save();
  expect(database.writes).toHaveLength(writes);
  expect(await same.times.firstAfter(START + 8 * MINUTE)).toBe(4);
  const more = await open(6);
  expect(await more.times.firstAfter(START + 8 * MINUTE)).toBe(4);
  expect(await more.times.firstAfter(START + 9 * MINUTE)).toBe(6);
  // A minute counts from when this run began.
  const next = await open(6);
  at(10 * MINUTE - 1);
  expect(await next.append(7)).toBe(0);
  at(10 * MINUTE);
  expect(await next.append(8)).toBe(1);
});

test("an empty journal that is new has nothing to keep", async () => {
  const { times, database } = await timesOf(0);
  await times.save();
  expect(database.writes).toHaveLength(0);
  const { times: late } = await timesOf(3);
  expect(await late.firstAfter(START - 1)).toBe(0);
  expect(await late.firstAfter(START)).toBe(3);
});

test("a clock that was set back makes nothing older than what was appended before it", async () => {
  const { times, append, open } = await timesOf();
  at(5 * MINUTE);
  await append(3);
  at(0);
  await append(4);
  expect([await times.firstAfter(START + 4 * MINUTE), await times.firstAfter(START + 5 * MINUTE)]).toEqual([
    0, 4,
  ]);
  const later = await open(5);
  expect(await later.times.firstAfter(START + MINUTE)).toBe(0);
  expect(await later.times.firstAfter(START + 5 * MINUTE)).toBe(5);
});

test.each([0, 15, 17])("a record of %i bytes is damaged", async (length) => {
  const { journal, open } = await timesOf();
  const key = timeKey(Math.floor(START / MINUTE));
  await journal.write([{ type: "put", key, value: new Uint8Array(length) }], true);
  expect(await failure(open(3))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});
