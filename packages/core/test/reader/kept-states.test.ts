// What a reader's memory and stores give back: just what was kept, copies of bytes, and a word where it was damaged.

import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, test, vi } from "vitest";
import { databaseReaderStore, memoryReaderStore, openReader, type ReaderStore } from "../../src/index.ts";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import { largest } from "../../src/reader/agree.ts";
import { collectEntries } from "../../src/reader/collect-entries.ts";
import { type KeptStates, ReaderMemory, type SeenState } from "../../src/reader/reader-memory.ts";
import { checkPoll, checkSequence } from "../../src/reader/reader-options.ts";
import { sameValue } from "../../src/reader/reader-store.ts";
import { ENTRY_COST, type Entry } from "../../src/tree/entry.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

let log: WrittenLog;
const heads = new Map<number, VerifiedHead>();

beforeAll(async () => {
  log = await writeLog(contents(9), { publishAt: [3, 5, 9] });
  for (const [size, bytes] of log.heads) heads.set(size, await verifyHead(bytes, log.logId));
});

const textOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The sizes of what is kept. */
const sizesIn = ({ newest, delivered, seen }: KeptStates) => ({
  newest: [newest.head.checkpoint.size, newest.label, newest.revision],
  delivered: delivered?.checkpoint.size,
  seen: seen && [seen.head.checkpoint.size, seen.label],
});

test.each([
  [undefined, undefined],
  [5, undefined],
  [3, undefined],
  [undefined, 9],
  [5, 9],
  [3, 9],
])("a later reader finds what was kept: delivered %s, seen %s", async (delivered, seen) => {
  const store = memoryReaderStore();
  const memory = new ReaderMemory(store, log.logId);
  const states: KeptStates = {
    newest: { head: heads.get(5)!, label: "one", revision: "r5" },
    delivered: delivered === undefined ? undefined : heads.get(delivered)!,
    seen: seen === undefined ? undefined : { head: heads.get(seen)!, label: "two" },
  };
  expect(await memory.saveStates(await memory.load(), states)).toMatchObject({ states });
  const later = (await new ReaderMemory(store, log.logId).load()).states!;
  expect(sizesIn(later)).toEqual(sizesIn(states));
});

test("of two states that were seen the larger counts, and of two of one size the first", () => {
  const [small, first, second] = [
    [3, "small"],
    [9, "first"],
    [9, "second"],
  ].map(([size, label]) => ({ head: heads.get(size as number)!, label: label as string })) as [
    SeenState,
    SeenState,
    SeenState,
  ];
  expect(largest(undefined, small)).toBe(small);
  expect(largest(small, first)).toBe(first);
  expect(largest(first, small)).toBe(first);
  expect(largest(first, second)).toBe(first);
});

test("what has not changed is not verified again, and what has is", async () => {
  const store = memoryReaderStore();
  const [one, other] = [new ReaderMemory(store, log.logId), new ReaderMemory(store, log.logId)];
  const states = (size: number): KeptStates => ({
    newest: { head: heads.get(size)!, label: "one", revision: `${size}` },
    delivered: undefined,
    seen: undefined,
  });
  const empty = await one.load();
  expect(await one.load()).toBe(empty);
  await one.saveStates(empty, states(3));
  expect(await one.load()).toBe(one.latest);
  await other.saveStates(await other.load(), states(5));
  expect((await one.load()).states!.newest.revision).toBe("5");
});

test.each([
  ["mark", "no JSON", "(mark)"],
  ["mark", "{}", "(mark)"],
  ["mark", "null", "(mark)"],
  ["mark", '{"head":"00"}', "(mark)"],
  ["mark", '{"fork":{}}', "(fork)"],
  ["fork", "no JSON", "(fork)"],
  ["fork", "{}", "(fork)"],
])("a damaged record is told by its name: %s is %s", async (key, value, told) => {
  const values = new Map([[`${log.logId}/${key}`, textOf(value)]]);
  expect(await failure(new ReaderMemory(memoryReaderStore({ values }), log.logId).load())).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining(told),
  });
});

test("a cursor begins at 0, continues where it was, and is damaged if that is no sequence number", async () => {
  const values = new Map<string, Uint8Array>();
  const memory = new ReaderMemory(memoryReaderStore({ values }), log.logId);
  expect(await memory.loadCursor("c")).toBe(0);
  for (const next of [0, 7]) {
    await memory.saveCursor("c", next);
    expect(await memory.loadCursor("c")).toBe(next);
  }
  for (const value of ['{"next":-1}', '{"next":1.5}', "{}", "null", "no JSON"]) {
    values.set(`${log.logId}/cursor/c`, textOf(value));
    expect(await failure(memory.loadCursor("c"))).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
      message: expect.stringMatching(/\(cursor.c\)/),
    });
  }
});

/** Both stores that this package has. */
const stores: [string, () => ReaderStore][] = [
  ["in memory", () => memoryReaderStore()],
  ["on a database", () => databaseReaderStore(new MemoryLevel({ storeEncoding: "view" }))],
];

test.each(stores)("the store %s copies what it takes and what it gives", async (_what, open) => {
  const store = open();
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
  const expected = Uint8Array.of(1);
  const putting = store.put("key", first);
  first.fill(9);
  await putting;
  (await store.get("key"))!.fill(9);
  expect(await store.get("key")).toEqual(Uint8Array.of(1));
  const setting = store.compareAndSet("key", expected, second);
  expected.fill(9);
  second.fill(9);
  expect(await setting).toBe(true);
  expect(await store.get("key")).toEqual(Uint8Array.of(2));
});

test.each(stores)("the store %s sets a value just in the place of the expected one", async (_what, open) => {
  const store = open();
  expect(await store.compareAndSet("key", Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
  expect(await store.get("key")).toBeUndefined();
  expect(await store.compareAndSet("key", undefined, Uint8Array.of(1))).toBe(true);
  expect(await store.compareAndSet("key", undefined, Uint8Array.of(2))).toBe(false);
  expect(await store.compareAndSet("key", Uint8Array.of(2), Uint8Array.of(3))).toBe(false);
  expect(await store.get("key")).toEqual(Uint8Array.of(1));
});

test.each(stores)("the store %s does nothing for a signal that has fired", async (_what, open) => {
  const store = open();
  const options = { signal: AbortSignal.abort("gave up") };
  for (const call of [
    () => store.get("key", options),
    () => store.put("key", Uint8Array.of(1), options),
    () => store.compareAndSet("key", undefined, Uint8Array.of(1), options),
  ])
    expect(await failure(call())).toBe("gave up");
  expect(await store.get("key")).toBeUndefined();
});

test("of stores on one database one sets its value, and it is on the disk before that is said", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const batch = vi.spyOn(database, "batch");
  const calls = [1, 2, 3].map((byte) =>
    databaseReaderStore(database).compareAndSet("key", undefined, Uint8Array.of(byte)),
  );
  expect(await Promise.all(calls)).toEqual([true, false, false]);
  expect(batch).toHaveBeenCalledExactlyOnceWith(expect.anything(), expect.objectContaining({ sync: true }));
});

test("two values are the same if both are missing, or have the same bytes", () => {
  const one = Uint8Array.of(1);
  expect([sameValue(undefined, undefined), sameValue(one, Uint8Array.of(1))]).toEqual([true, true]);
  const none = new Uint8Array(0);
  for (const [a, b] of [
    [undefined, none],
    [none, undefined],
    [one, none],
  ] as const)
    expect(sameValue(a, b)).toBe(false);
});

async function* entriesOf(...lengths: number[]): AsyncGenerator<Entry> {
  for (const [sequence, length] of lengths.entries())
    yield { sequence, id: new Uint8Array(32), content: new Uint8Array(length) };
}

test("entries are collected up to as many bytes as are allowed, each with what it costs itself", async () => {
  const limit = 2 * ENTRY_COST + 3;
  expect(await collectEntries(entriesOf(1, 2), limit)).toHaveLength(2);
  expect(await failure(collectEntries(entriesOf(2, 2), limit))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit,
    operation: "reader.latest",
  });
  expect(await failure(collectEntries(entriesOf(0, 0, 0), limit))).toMatchObject({ limit });
});

test.each([1, 2 ** 31 - 1, undefined])("a live stream may poll every %s ms", (milliseconds) => {
  expect(() => checkPoll(milliseconds)).not.toThrow();
});

test.each([0, -1, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])(
  "a live stream may not poll every %s ms, and no reader opens",
  async (pollMilliseconds) => {
    const remotes = [scriptedRemote(log.contents, log.head)];
    expect(await failure(openReader({ logId: log.logId, remotes, pollMilliseconds }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "reader.open",
      message: `pollMilliseconds must be from 1 to 2147483647, not ${pollMilliseconds}.`,
    });
  },
);

test("a sequence number is a whole number of at least 0", () => {
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER])
    expect(() => checkSequence(value, "entry")).not.toThrow();
  for (const value of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN])
    expect(() => checkSequence(value, "entry")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "reader.entry" }),
    );
});

test("every entry is proven to be in the log, in a page or in the head, and nothing behind the last", async () => {
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  for (const [sequence, content] of log.entries.entries()) {
    const { id } = await reader.entry(sequence);
    const proof = await reader.inclusionProof(sequence);
    expect(proof.sequence, `${content.length}`).toBe(sequence);
    expect(proof.leaf.slice(0, 32)).toEqual(id);
  }
  await expect(reader.inclusionProof(log.entries.length)).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  await reader.close();
});
