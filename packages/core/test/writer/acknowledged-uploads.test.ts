// Notes of uploads that were acknowledged: few writes, none lost for long, none too many, also if the journal fails.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Address } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { AcknowledgedUploads } from "../../src/writer/acknowledged-uploads.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const addressOf = (i: number): Address =>
  Address.create(
    0x55,
    0x12,
    Uint8Array.from({ length: 32 }, (_, at) => (at < 4 ? (i >> (8 * at)) & 255 : 1)),
  );
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** The uploads of one process, on a disk; `noted` is what another process would find there. */
async function uploadsOn(database = new PowerCutDatabase()) {
  const journal = await Journal.open(database);
  const uploads = new AcknowledgedUploads(journal, new UploadRecords(journal, "one"));
  await uploads.load();
  const add = async (all: readonly number[], bytes = 1): Promise<void> => {
    for (const i of all) await uploads.add(addressOf(i), bytes);
  };
  const records = async () => {
    const found = await new UploadRecords(journal, "one").load();
    return found.map(({ number, addresses }) => [number, addresses.map(({ digest }) => digest[0])]);
  };
  const noted = async () => (await records()).flatMap(([, addresses]) => addresses);
  return { database, journal, uploads, add, records, noted };
}

test("uploads share writes: four at first, then an eighth of those made so far, at most 32", async () => {
  const { database, uploads, add } = await uploadsOn();
  const sizes: number[] = [];
  let before = 0;
  for (let i = 1; i <= 700; i++) {
    await add([i]);
    if (database.writes.length === sizes.length) continue;
    sizes.push(i - before);
    before = i;
  }
  expect(uploads.count).toBe(700);
  expect(sizes.slice(0, 8)).toEqual([4, 4, 4, 4, 4, 4, 4, 4]);
  for (const [i, size] of sizes.entries()) {
    const made = sizes.slice(0, i + 1).reduce((sum, one) => sum + one, 0);
    expect(size).toBe(Math.min(32, Math.max(4, Math.ceil(made / 8))));
  }
  expect(sizes.at(-1)).toBe(32);
  // Nothing of it has to be on disk at once: what is forgotten is uploaded again.
  expect(database.writes.every(({ sync }) => !sync)).toBe(true);
  vi.clearAllTimers();
});

test("uploads of a mebibyte in all are noted at once", async () => {
  const { database, add, noted } = await uploadsOn();
  await add([1], 2 ** 20 - 1);
  expect(database.writes).toHaveLength(0);
  await add([2], 1);
  expect(await noted()).toEqual([1, 2]);
  await add([3], 2 ** 20);
  expect(await noted()).toEqual([1, 2, 3]);
  // What was noted counts no more.
  await add([4], 2 ** 20 - 1);
  expect(database.writes).toHaveLength(2);
});

test("a single upload is noted a quarter of a second later", async () => {
  const { database, add, noted } = await uploadsOn();
  await add([1]);
  await vi.advanceTimersByTimeAsync(100);
  await add([2]);
  await vi.advanceTimersByTimeAsync(149);
  expect(database.writes).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(await noted()).toEqual([1, 2]);
  await add([3]);
  await vi.advanceTimersByTimeAsync(250);
  expect(await noted()).toEqual([1, 2, 3]);
  // A write ends the wait: nothing is left to be done later.
  await add(range(4, 8));
  expect(vi.getTimerCount()).toBe(0);
});

test("what was noted is known to the next process, and gets records of its own there", async () => {
  const first = await uploadsOn();
  await first.add(range(0, 8));
  expect(await first.records()).toEqual([
    [0, range(0, 4)],
    [1, range(4, 8)],
  ]);
  const next = await uploadsOn(new PowerCutDatabase(first.database.afterPowerCut(2)));
  expect(range(0, 9).map((i) => next.uploads.has(addressOf(i)))).toEqual([
    ...range(0, 8).map(() => true),
    false,
  ]);
  expect(next.uploads.count).toBe(0);
  await next.add(range(8, 12));
  expect((await next.records()).at(-1)).toEqual([2, range(8, 12)]);
});

test("an upload is known at once, and saved on request", async () => {
  const { database, uploads, add, noted } = await uploadsOn();
  await uploads.save();
  expect(database.writes).toHaveLength(0);
  await add([1]);
  expect([uploads.has(addressOf(1)), uploads.has(addressOf(2))]).toEqual([true, false]);
  await uploads.save();
  expect(await noted()).toEqual([1]);
  await uploads.save();
  expect(database.writes).toHaveLength(1);
});

test("saving waits for what is being written, and is done if that has failed", async () => {
  const { uploads, add } = await uploadsOn();
  const order: string[] = [];
  await add([1]);
  let end: () => void = () => undefined;
  const writing = uploads.commit(() => new Promise((resolve) => (end = resolve)));
  await vi.advanceTimersByTimeAsync(0);
  const saved = uploads.save().then(() => order.push("saved"));
  await vi.advanceTimersByTimeAsync(0);
  order.push("ended");
  end();
  await Promise.all([writing, saved]);
  expect(order).toEqual(["ended", "saved"]);
  expect(await failure(uploads.commit(() => Promise.reject(new Error("full"))))).toMatchObject({
    message: "full",
  });
  await uploads.save();
});

test("each write waits for the one before it, also for one that forgets everything", async () => {
  for (const kind of ["commit", "forgetAll"] as const) {
    const { uploads } = await uploadsOn();
    const order: string[] = [];
    let end: () => void = () => undefined;
    const first = uploads[kind](() => new Promise((resolve) => (end = resolve)));
    const second = uploads.commit(async () => void order.push("second"));
    await vi.advanceTimersByTimeAsync(0);
    order.push("first");
    end();
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
  }
});

test("each single upload that is saved has a record of its own", async () => {
  const { uploads, add, records } = await uploadsOn();
  for (const i of [1, 2]) {
    await add([i]);
    await uploads.save();
  }
  expect(await records()).toEqual([
    [0, [1]],
    [1, [2]],
  ]);
});

test("a write that fails is made again with the next one, and with all of it", async () => {
  const { database, uploads, add, noted } = await uploadsOn();
  database.onWrite = () => Promise.reject(new Error("full"));
  await add([1, 2, 3], 2 ** 18);
  expect(await failure(add([4]))).toMatchObject({ code: "ERR_JOURNAL" });
  await failure(add([5]));
  // Whoever is not waiting does not hear of it.
  await vi.advanceTimersByTimeAsync(1000);
  database.onWrite = () => undefined;
  await add([6]);
  expect(await noted()).toEqual([1, 2, 3, 4, 5, 6]);
  // Their bytes were counted again, too.
  database.onWrite = () => Promise.reject(new Error("full"));
  await failure(add([7], 2 ** 20));
  database.onWrite = () => undefined;
  const before = database.writes.length;
  await add([8]);
  expect(database.writes).toHaveLength(before + 1);
  expect(uploads.has(addressOf(8))).toBe(true);
});

test("a late failure of a background write is nobody's unhandled rejection, and is tried again", async () => {
  const { database, add, noted } = await uploadsOn();
  database.onWrite = () => Promise.reject(new Error("full"));
  await add([1]);
  await vi.advanceTimersByTimeAsync(250);
  database.onWrite = () => undefined;
  expect(await noted()).toEqual([]);
  await add([2]);
  await vi.advanceTimersByTimeAsync(250);
  expect(await noted()).toEqual([1, 2]);
});

test("a batch notes what is not noted yet, beside its own steps", async () => {
  const { database, journal, uploads, add, records } = await uploadsOn();
  await add([1, 2]);
  const step = journal.recoveriesOperation(1);
  await uploads.commit((operations) => journal.write([step, ...operations], true));
  expect(database.writes).toHaveLength(1);
  expect(await records()).toEqual([[0, [1, 2]]]);
  expect(vi.getTimerCount()).toBe(0);
  // With nothing new, it has its own steps alone.
  await uploads.commit(async (operations) => expect(operations).toEqual([]));
  expect(await records()).toEqual([[0, [1, 2]]]);
});

test("what other records stand for is noted no more: one record takes the place of all", async () => {
  const { journal, uploads, add, records } = await uploadsOn();
  await add(range(0, 10));
  const write = (operations: Parameters<typeof journal.write>[0]) => journal.write(operations, true);
  await uploads.commit(write, [0, 1, 5, 9, 77].map(addressOf));
  expect(await records()).toEqual([[2, [2, 3, 4, 6, 7, 8]]]);
  expect(range(0, 10).map((i) => uploads.has(addressOf(i)))).toEqual(
    range(0, 10).map((i) => ![0, 1, 5, 9].includes(i)),
  );
  await add(range(10, 14));
  expect((await records()).map(([number]) => number)).toEqual([2, 3]);
  await uploads.commit(write, range(0, 14).map(addressOf));
  expect(await records()).toEqual([]);
  await add(range(20, 24));
  expect(await records()).toEqual([[0, range(20, 24)]]);
  // One is enough for that.
  await uploads.commit(write, [addressOf(21)]);
  expect(await records()).toEqual([[1, [20, 22, 23]]]);
});

test("if that batch fails, everything is noted still", async () => {
  const { uploads, add, records } = await uploadsOn();
  await add(range(0, 4));
  await add([4]);
  await failure(uploads.commit(() => Promise.reject(new Error("full")), [addressOf(1)]));
  expect(uploads.has(addressOf(1))).toBe(true);
  await uploads.save();
  expect(await records()).toEqual([
    [0, range(0, 4)],
    [1, [4]],
  ]);
});

test("all but some are forgotten with the next write", async () => {
  const { uploads, add, records } = await uploadsOn();
  await add(range(0, 4));
  uploads.keepOnly([addressOf(2), addressOf(50)]);
  // Until then they count.
  expect(uploads.has(addressOf(0))).toBe(true);
  await add(range(4, 8));
  expect(await records()).toEqual([[1, [2, 4, 5, 6, 7]]]);
  expect([uploads.has(addressOf(0)), uploads.has(addressOf(2))]).toEqual([false, true]);
  // That was once.
  await add([0]);
  await add(range(8, 11));
  expect((await records()).length).toBe(2);
});

test("once belief ends, every upload is forgotten with the batch that says so, and nothing is left to be noted", async () => {
  const { database, journal, uploads, add, records } = await uploadsOn();
  await add(range(0, 10));
  uploads.keepOnly([]);
  const write = (operations: Parameters<typeof journal.write>[0]) =>
    journal.write([journal.recoveriesOperation(1), ...operations], true);
  await failure(uploads.forgetAll(() => Promise.reject(new Error("full"))));
  expect([uploads.has(addressOf(0)), (await records()).length]).toEqual([true, 2]);
  await uploads.forgetAll(write);
  expect([uploads.has(addressOf(0)), uploads.has(addressOf(9)), (await records()).length]).toEqual([
    false,
    false,
    0,
  ]);
  expect(vi.getTimerCount()).toBe(0);
  const before = database.writes.length;
  await uploads.save();
  expect(database.writes).toHaveLength(before);
  // What is uploaded again after that counts, also what was to be forgotten before.
  await add([0], 2 ** 20 - 1);
  expect(database.writes).toHaveLength(before);
  await add([21], 1);
  expect(await records()).toEqual([[0, [0, 21]]]);
  expect(uploads.has(addressOf(0))).toBe(true);
  // The wait that was under way ended with it, and there are further ones.
  await add([22]);
  await uploads.forgetAll(write);
  await add([23]);
  await vi.advanceTimersByTimeAsync(250);
  expect(await records()).toEqual([[0, [23]]]);
});
