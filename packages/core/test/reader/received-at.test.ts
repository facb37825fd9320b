// When an entry arrived: noted once in the store, and the same from then on.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryReaderStore, openReader, type Reader, type ReaderStore } from "../../src/index.ts";
import { Arrivals } from "../../src/reader/arrivals.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { writeTwoBranches } from "./two-branches.ts";

const { log, objects } = await writeTwoBranches();
const remote = scriptedRemote(objects, log.heads.get(20), { label: "a" });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
  remote.names.show(log.heads.get(20)!);
});
afterEach(() => vi.useRealTimers());

const open = (store?: ReaderStore): Promise<Reader> =>
  openReader({ logId: log.logId, remotes: [remote], ...(store && { store }) });

async function timesOf(reader: Reader, ...sequences: number[]): Promise<(number | undefined)[]> {
  return Promise.all(sequences.map((sequence) => reader.receivedAt(sequence)));
}

test("with a store, the time is that of the first sync that showed the entry, in every later run", async () => {
  const store = memoryReaderStore();
  const first = await open(store);
  expect(await timesOf(first, 0)).toEqual([undefined]);
  await first.sync();
  vi.setSystemTime(2_000);
  await first.sync();
  remote.names.show(log.heads.get(40)!);
  vi.setSystemTime(3_000);
  await first.sync();
  expect(await timesOf(first, 0, 19, 20, 39, 40)).toEqual([1_000, 1_000, 3_000, 3_000, undefined]);
  await first.close();
  vi.setSystemTime(9_000);
  const later = await open(store);
  expect(await timesOf(later, 0, 19, 20, 39)).toEqual([1_000, 1_000, 3_000, 3_000]);
  const noted = await store.get(`${log.logId}/arrivals/0`);
  await later.sync();
  expect(await store.get(`${log.logId}/arrivals/0`)).toEqual(noted);
  expect(await timesOf(later, 0, 19, 20, 39)).toEqual([1_000, 1_000, 3_000, 3_000]);
});

test("without a store, it is when this reader first saw it", async () => {
  const reader = await open();
  await reader.sync();
  vi.setSystemTime(5_000);
  await reader.sync();
  expect(await timesOf(reader, 0)).toEqual([1_000]);
  const other = await open();
  await other.sync();
  expect(await timesOf(other, 0)).toEqual([5_000]);
});

test("what a reader without such times has verified came at a time that is not known", async () => {
  const values = new Map<string, Uint8Array>();
  const store = memoryReaderStore({ values });
  await (await open(store)).sync();
  for (const key of values.keys()) if (key.includes("/arrivals")) values.delete(key);
  const reader = await open(store);
  await reader.sync();
  remote.names.show(log.heads.get(40)!);
  vi.setSystemTime(2_000);
  await reader.sync();
  expect(await timesOf(reader, 0, 19, 20)).toEqual([undefined, undefined, 2_000]);
});

test("of two readers of one store, the first to see a state says when, and both say the same", async () => {
  const store = memoryReaderStore();
  const [one, other] = [await open(store), await open(store)];
  await one.sync();
  vi.setSystemTime(2_000);
  await other.sync();
  remote.names.show(log.heads.get(40)!);
  vi.setSystemTime(3_000);
  await other.sync();
  vi.setSystemTime(4_000);
  expect(await timesOf(one, 0, 20)).toEqual([1_000, 3_000]);
  await one.sync();
  expect(await timesOf(one, 0, 20)).toEqual([1_000, 3_000]);
  expect(await timesOf(other, 0, 20)).toEqual([1_000, 3_000]);
});

test("however many states came, each costs at most two small writes and the times stay", async () => {
  const values = new Map<string, Uint8Array>();
  const inner = memoryReaderStore({ values });
  let written = 0;
  let most = 0;
  const store: ReaderStore = {
    ...inner,
    compareAndSet: (key, expected, value) => {
      written++;
      most = Math.max(most, value.length);
      return inner.compareAndSet(key, expected, value);
    },
  };
  const states = 1_000;
  const arrivals = new Arrivals(store, log.logId);
  for (let i = 1; i <= states; i++) {
    vi.setSystemTime(i);
    await arrivals.note(3 * i, 0, {});
    await arrivals.note(3 * i, 0, {});
  }
  expect(written).toBe(states + 3);
  expect(most).toBeLessThan(8_000);
  // A process that ended between the two writes that begin a page.
  const cut = new Arrivals(inner, log.logId);
  await inner.put(`${log.logId}/arrivals`, new TextEncoder().encode(`[0,768,1536,2304,${3 * states}]`));
  await cut.note(3 * states, 0, {});
  expect(await cut.of(3 * states - 1, {})).toBe(states);
  await cut.note(3 * states + 1, 0, {});
  expect(await cut.of(3 * states, {})).toBe(states);
  const fresh = new Arrivals(store, log.logId);
  for (let sequence = 0; sequence < 3 * states; sequence++) {
    expect(await fresh.of(sequence, {})).toBe(Math.floor(sequence / 3) + 1);
  }
  expect(await fresh.of(3 * states + 1, {})).toBeUndefined();
  expect(await fresh.of(0, {})).toBe(1);
});

test("a store that was damaged is told as such", async () => {
  const store = memoryReaderStore();
  const reader = await open(store);
  await store.put(`${log.logId}/arrivals`, new TextEncoder().encode("{"));
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  await store.put(`${log.logId}/arrivals`, new TextEncoder().encode("{}"));
  await expect(reader.receivedAt(0)).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("only an entry's number has a time", async () => {
  const reader = await open(memoryReaderStore());
  for (const wrong of [-1, 0.5, Number.NaN])
    await expect(reader.receivedAt(wrong)).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "reader.receivedAt",
    });
});
