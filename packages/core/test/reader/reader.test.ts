// What a reader promises of each call: what it asks for first, what it delivers, and what it keeps.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  type Entry,
  hashLeaf,
  memoryReaderStore,
  type NameResolver,
  openReader,
  type Reader,
  type ReaderOptions,
  type SyncOutcome,
  UnreachableError,
  verifyInclusion,
} from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { kindsOf } from "./forger.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "./written-log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** 17 pages of four entries, and entries in the head. */
const SIZE = 70;
const silent = new UnreachableError("no answer", { operation: "names.resolve", retry: "safe" });

let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: smallCuts, publishAt: [0, 5, 9, 69] });
});

// Every wait between tries ends at once.
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

type Scripted = ReturnType<typeof scriptedRemote>;
const at = (size: number | undefined, label = `at ${size}`): Scripted =>
  scriptedRemote(log.contents, size === undefined ? undefined : log.heads.get(size)!, { label });

const open = (remotes: readonly Scripted[], more: Partial<ReaderOptions> = {}): Promise<Reader> =>
  openReader({ logId: log.logId, remotes, retries: 0, ...more });

const sequences = (entries: readonly Entry[]): number[] => entries.map(({ sequence }) => sequence);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

async function collect(stream: AsyncIterable<Entry>): Promise<{ found: number[]; error: unknown }> {
  const found: number[] = [];
  try {
    for await (const { sequence, content } of stream) {
      expect(content).toEqual(log.entries[sequence]);
      found.push(sequence);
    }
    return { found, error: undefined };
  } catch (error) {
    return { found, error };
  }
}

test("before the first sync nothing is known; after it the newest state, and its head is the caller's own", async () => {
  const remote = at(9);
  const reader = await open([remote]);
  expect([reader.logId, reader.remotes.map(({ label }) => label)]).toEqual([log.logId, ["at 9"]]);
  expect([reader.size, reader.checkpoint, reader.genesis, reader.head, reader.views]).toEqual([
    ...[0, undefined, undefined, undefined, []],
  ]);
  await reader.sync();
  const head = await verifyHead(log.heads.get(9)!, log.logId);
  expect([reader.size, reader.checkpoint, reader.genesis?.logId]).toEqual([9, head.note, log.logId]);
  expect(reader.head).toEqual(log.heads.get(9));
  reader.head!.fill(0);
  expect(reader.head).toEqual(log.heads.get(9));
});

test("a sync says how far the log is, whether it got further, and what each remote showed", async () => {
  const events: SyncOutcome[] = [];
  const remote = at(5);
  const reader = await open([remote], { onSync: (event) => void events.push(event) });
  const report = (size: number) => [{ label: "at 5", status: "newest", size }];
  expect(await reader.sync()).toEqual({ size: 5, advanced: true, remotes: report(5) });
  expect(await reader.sync()).toEqual({ size: 5, advanced: false, remotes: report(5) });
  remote.names.show(log.heads.get(9)!);
  expect(await reader.sync()).toEqual({ size: 9, advanced: true, remotes: report(9) });
  remote.names.fail(silent);
  expect(await failure(reader.sync())).toBe(silent);
  expect(events.map(({ status }) => status)).toEqual(["synced", "synced", "synced", "failed"]);
  expect(events.at(-1)).toEqual({ status: "failed", error: silent });
  expect(events[2]).toMatchObject({ result: { size: 9, advanced: true } });
  // The first state counts as further, also if it is empty.
  expect(await (await open([at(0)])).sync()).toMatchObject({ size: 0, advanced: true });
});

test("syncs run one after the other, and a failed one does not keep the next from running", async () => {
  const remote = at(9);
  const reader = await open([remote]);
  let running = 0;
  let most = 0;
  const resolve: NameResolver["resolve"] = remote.names.resolve.bind(remote.names);
  remote.names.resolve = async (name, options) => {
    most = Math.max(most, ++running);
    await new Promise((go) => setImmediate(go));
    running--;
    return resolve(name, options);
  };
  await Promise.all([reader.sync(), reader.sync(), reader.sync()]);
  expect(most).toBe(1);
  remote.names.fail(silent);
  const first = failure(reader.sync());
  const second = failure(reader.sync());
  expect([await first, await second]).toEqual([silent, silent]);
  remote.names.show(log.heads.get(9)!);
  expect(await reader.sync()).toMatchObject({ size: 9 });
});

test("the newest entries are read after a sync, fewer if there are fewer", async () => {
  const remote = at(5);
  const reader = await open([remote]);
  expect(sequences(await reader.latest(3))).toEqual([2, 3, 4]);
  remote.names.show(log.heads.get(9)!);
  expect(sequences(await reader.latest(4))).toEqual([5, 6, 7, 8]);
  expect(sequences(await reader.latest(100))).toEqual(range(0, 9));
  expect(await reader.latest(0)).toEqual([]);
});

test("one entry is read without a sync if it is known to exist, and after one otherwise", async () => {
  const remote = at(5);
  const reader = await open([remote]);
  expect((await reader.entry(4)).content).toEqual(log.entries[4]);
  const asked = remote.names.asked.length;
  expect((await reader.entry(0)).sequence).toBe(0);
  expect(remote.names.asked).toHaveLength(asked);
  const error = await failure(reader.entry(5));
  expect(error).toMatchObject({ code: "ERR_NOT_FOUND", operation: "reader.entry" });
  expect(error.message).toContain("The log has 5 entries; there is no entry 5 yet.");
  expect(remote.names.asked).toHaveLength(asked + 1);
  remote.names.show(log.heads.get(9)!);
  expect((await reader.entry(5)).sequence).toBe(5);
});

test("an entry that the remote of an earlier run does not show comes from one that a sync finds", async () => {
  const store = memoryReaderStore();
  const first = at(SIZE, "first");
  await (await open([first], { store })).sync();
  const pages = [...kindsOf(log)].filter(([, kind]) => kind === "page").map(([text]) => text);
  const gone = scriptedRemote(
    new Map([...log.contents].filter(([text]) => !pages.includes(text))),
    undefined,
    { label: "first" },
  );
  const reader = await open([gone, at(SIZE, "second")], { store });
  expect(reader.size).toBe(SIZE);
  expect((await reader.entry(2)).content).toEqual(log.entries[2]);
  // Once it has synced, it does not sync for that again.
  const other = await open([gone], { store });
  expect(await failure(other.entry(2))).toMatchObject({ code: "ERR_NOT_FOUND" });
  const asked = gone.names.asked.length;
  expect(await failure(other.entry(2))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(gone.names.asked).toHaveLength(asked);
});

test("a stream delivers what is there from a place on, after a sync", async () => {
  const remote = at(9);
  const reader = await open([remote]);
  expect(await collect(reader.from(3))).toEqual({ found: range(3, 9), error: undefined });
  expect(await collect(reader.from())).toEqual({ found: range(0, 9), error: undefined });
  remote.names.show(log.head);
  expect(await collect(reader.from(60))).toEqual({ found: range(60, SIZE), error: undefined });
  expect(await collect(reader.from(SIZE + 5))).toEqual({ found: [], error: undefined });
});

test("if the sync fails what is proven to be the beginning is delivered, and then the failure", async () => {
  const store = memoryReaderStore();
  const newest = at(SIZE, "newest");
  const reader = await open([newest, at(9)], { store });
  await reader.sync();
  newest.names.fail(silent);
  const { found, error } = await collect(reader.from(4));
  expect([found, error]).toEqual([range(4, 9), expect.objectContaining({ code: "ERR_STALE" })]);
  const alone = await open([newest], { store });
  expect(await collect(alone.from(0))).toEqual({ found: [], error: silent });
});

test("a live stream waits for what comes, through failures that may pass, and ends with others", async () => {
  const remote = at(5);
  const reader = await open([remote], { pollMilliseconds: 1 });
  const controller = new AbortController();
  const found: number[] = [];
  for await (const { sequence } of reader.from(0, { live: true, signal: controller.signal })) {
    found.push(sequence);
    if (sequence === 4) {
      remote.names.fail(silent);
      setTimeout(() => remote.names.show(log.heads.get(9)!), 10);
    }
    if (sequence === 8) break;
  }
  expect(found).toEqual(range(0, 9));
  const waiting = collect(reader.from(9, { live: true, signal: controller.signal }));
  await new Promise((go) => setTimeout(go, 5));
  controller.abort("gave up");
  expect(await waiting).toEqual({ found: [], error: "gave up" });
  remote.names.answer({ status: "found", content: new Uint8Array(3), revision: "x" });
  expect((await collect(reader.from(0, { live: true }))).error).toMatchObject({ code: "ERR_MALFORMED" });
});

test("a cursor continues from its place, which is saved every 64 entries and when reading ends", async () => {
  const store = memoryReaderStore();
  const reader = await open([at(SIZE)], { store });
  // What another process would begin with.
  const next = async (): Promise<number | undefined> => {
    const other = await open([at(SIZE)], { store });
    const { value } = await other.follow({ cursor: "c", live: false })[Symbol.asyncIterator]().next();
    return value?.sequence;
  };
  const begins: (number | undefined)[] = [];
  for await (const { sequence } of reader.follow({ cursor: "c", live: false })) {
    if ([0, 63, 64, 69].includes(sequence)) begins.push(await next());
  }
  expect(begins).toEqual([0, 0, 64, 64]);
  expect(await next()).toBeUndefined();
  // An entry counts as delivered when the next one is asked for.
  for await (const { sequence } of reader.follow({ cursor: "d", live: false })) if (sequence === 10) break;
  const again = await collect(reader.follow({ cursor: "d", live: false }));
  expect(again.found).toEqual(range(10, SIZE));
  expect(await collect(reader.follow({ cursor: "d", live: false }))).toEqual({ found: [], error: undefined });
});

test("proofs are those of the newest state; what lies past its end is looked for once, and then refused", async () => {
  const remote = at(5);
  const reader = await open([remote]);
  const entry = await reader.inclusionProof(2);
  const head = await verifyHead(log.heads.get(5)!, log.logId);
  const { root } = head.checkpoint;
  expect(entry).toMatchObject({ sequence: 2, checkpoint: head.note });
  const claim = { size: 5, root, index: 2, leafHash: hashLeaf(entry.leaf), path: entry.path };
  expect(verifyInclusion(claim)).toBe(true);
  const asked = remote.names.asked.length;
  await reader.inclusionProof(4);
  expect(remote.names.asked).toHaveLength(asked);
  expect(await failure(reader.inclusionProof(5))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(remote.names.asked).toHaveLength(asked + 1);
  remote.names.show(log.heads.get(9)!);
  const grown = await reader.consistencyProof(9);
  expect(reader.size).toBe(9);
  expect(grown).toMatchObject({ checkpoint: (await verifyHead(log.heads.get(9)!, log.logId)).note });
  const before = remote.names.asked.length;
  await reader.consistencyProof(5);
  await reader.consistencyProof(9);
  expect(remote.names.asked).toHaveLength(before);
  expect(await failure(reader.consistencyProof(10))).toMatchObject({ code: "ERR_NOT_FOUND" });
  // Of an empty log, and before the first sync, it is looked at.
  const empty = await open([at(0)]);
  expect(await failure(empty.inclusionProof(0))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await (await open([at(5)])).consistencyProof(0)).toMatchObject({ checkpoint: head.note });
});

test("closing a reader ends what is under way, and all that comes later, with ERR_CLOSED", async () => {
  const remote = at(9);
  const reader = await open([remote]);
  remote.names.resolve = (_name, { signal } = {}) =>
    new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
  const syncing = failure(reader.sync());
  await new Promise((go) => setImmediate(go));
  await reader[Symbol.asyncDispose]();
  expect(await syncing).toMatchObject({ code: "ERR_CLOSED" });
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_CLOSED" });
  expect((await collect(reader.from(0))).error).toMatchObject({ code: "ERR_CLOSED" });
});

test("what is no sequence number is refused by the call that got it, and nothing is asked", async () => {
  const remote = at(5);
  const reader = await open([remote]);
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
    for (const [name, call] of Object.entries({
      latest: () => reader.latest(wrong),
      entry: () => reader.entry(wrong),
      from: () => reader.from(wrong)[Symbol.asyncIterator]().next(),
      inclusionProof: () => reader.inclusionProof(wrong),
      consistencyProof: () => reader.consistencyProof(wrong),
    }))
      expect(await failure(call() as Promise<unknown>)).toMatchObject({
        code: "ERR_INVALID_INPUT",
        operation: `reader.${name}`,
      });
  }
  expect(remote.names.asked).toEqual([]);
});

test("a call asks again after a failure that may pass; a live stream polls instead", async () => {
  const failingOnce = (): Scripted => {
    const remote = at(5);
    const resolve: NameResolver["resolve"] = remote.names.resolve.bind(remote.names);
    let count = 0;
    remote.names.resolve = async (name, options) => {
      if (count++ === 0) throw silent;
      return resolve(name, options);
    };
    return remote;
  };
  expect(await (await open([failingOnce()], { retries: 1 })).sync()).toMatchObject({ size: 5 });
  expect(await collect((await open([failingOnce()], { retries: 1 })).from(0))).toMatchObject({
    error: undefined,
  });
  const events: string[] = [];
  const onSync = ({ status }: SyncOutcome): void => void events.push(status);
  const live = await open([failingOnce()], { retries: 1, pollMilliseconds: 1, onSync });
  for await (const { sequence } of live.from(0, { live: true })) if (sequence === 4) break;
  expect(events).toEqual(["failed", "synced"]);
});

test("a cursor waits for what comes, and its place is saved before that", async () => {
  const store = memoryReaderStore();
  const remote = at(5);
  const reader = await open([remote], { store, pollMilliseconds: 1 });
  const writes = vi.spyOn(store, "put");
  const found: number[] = [];
  const following = (async () => {
    for await (const { sequence } of reader.follow({ cursor: "c" })) if (found.push(sequence) === 9) break;
  })();
  await vi.waitFor(() => expect(found).toHaveLength(5));
  const next = async (): Promise<number[]> => {
    const other = await open([at(9)], { store });
    return (await collect(other.follow({ cursor: "c", live: false }))).found;
  };
  // It polls again and again, and saves nothing anew.
  await new Promise((go) => setTimeout(go, 20));
  const before = writes.mock.calls.length;
  await new Promise((go) => setTimeout(go, 20));
  expect(writes.mock.calls.length).toBe(before);
  remote.names.show(log.heads.get(9)!);
  await following;
  expect(found).toEqual(range(0, 9));
  expect(await next()).toEqual([8]);
});

test("what no reader can be opened with is refused at once", async () => {
  for (const more of [
    { logId: "nonsense" },
    { remotes: [] },
    { pollMilliseconds: -1 },
    { retries: -1 },
    { limits: { pageBytes: 0 } },
  ])
    expect(await failure(open([at(9)], more as Partial<ReaderOptions>))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
});
