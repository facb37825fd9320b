// A reader with a cache reads again what it has read, with all remotes down, and says that it could not look for more.

import { failure } from "@remote-log/test-kit";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addressOf,
  defaultLimits,
  type Entry,
  memoryReaderStore,
  openReader,
  type Reader,
  type ReaderCache,
  type ReaderOptions,
  rawSha256,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { KeptObjects } from "../../src/reader/kept-objects.ts";
import { type ScriptedNames, type ScriptedStorage, scriptedRemote } from "./scripted-remote.ts";
import { contents, foldingCuts, smallCuts, type WrittenLog, writeLog } from "./written-log.ts";

const SIZE = 70;
const down = new UnreachableError("no network", { operation: "names.resolve" });

let log: WrittenLog;
beforeAll(async () => {
  log = await writeLog(contents(SIZE), { publishAt: [40] });
});

// Every wait between tries ends at once.
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

/** A cache in a map, with what a test puts in the place of a method. */
function cacheIn(values = new Map<string, Uint8Array>(), parts: Partial<ReaderCache> = {}): ReaderCache {
  return {
    get: async (key) => values.get(key)?.slice(),
    put: async (key, value) => void values.set(key, value.slice()),
    delete: async (key) => void values.delete(key),
    ...parts,
  };
}

function at(size: number, written = log) {
  const remote = scriptedRemote(written.contents, written.heads.get(size));
  remote.names.show(written.heads.get(size)!, `at ${size}`);
  return remote;
}

function offline(remote = at(SIZE)) {
  remote.names.fail(down);
  remote.storage.before = () => Promise.reject(down);
  return remote;
}

const open = (
  remote: { readonly names: ScriptedNames; readonly storage: ScriptedStorage; readonly label: string },
  more: Partial<ReaderOptions>,
): Promise<Reader> => openReader({ logId: log.logId, remotes: [remote], retries: 0, ...more });

async function collect(
  stream: AsyncIterable<Entry>,
  written = log,
): Promise<{ found: number[]; error: unknown }> {
  const found: number[] = [];
  try {
    for await (const { sequence, content } of stream) {
      expect(content).toEqual(written.entries[sequence]);
      found.push(sequence);
    }
    return { found, error: undefined };
  } catch (error) {
    return { found, error };
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Reads everything in one run; gives what the cache then holds. */
async function readAll(more: Partial<ReaderOptions> = {}): Promise<Map<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>();
  const reader = await open(at(SIZE), { cache: cacheIn(values), ...more });
  expect((await collect(reader.from(0))).found).toEqual(range(0, SIZE));
  await reader.close();
  return values;
}

describe("in a later run, with all remotes down,", () => {
  test("a stream delivers what was read, and then fails as the sync did", async () => {
    const values = await readAll();
    const remote = offline();
    const reader = await open(remote, { cache: cacheIn(values) });
    expect(reader.size).toBe(SIZE);
    expect(await collect(reader.from(0))).toEqual({ found: range(0, SIZE), error: down });
    expect(remote.storage.reads).toEqual([]);
    const { caughtUp, error, size, remotes } = reader.status();
    expect({ caughtUp, error, size }).toEqual({ caughtUp: false, error: down, size: SIZE });
    expect(remotes[0]).toMatchObject({ connected: false });
    expect(remotes[0]!.answeredAt).toBeUndefined();
    await reader.close();
  });

  test("the newest entries are returned, single entries too, and proofs; and what was not read fails", async () => {
    const values = new Map<string, Uint8Array>();
    const first = await open(at(SIZE), { cache: cacheIn(values) });
    await first.latest(10);
    await first.entry(3);
    await first.inclusionProof(3);
    await first.close();
    const outcomes: string[] = [];
    const onSync = ({ status }: { status: string }): void => void outcomes.push(status);
    const reader = await open(offline(), { cache: cacheIn(values), onSync });
    expect((await reader.latest(10)).map(({ sequence }) => sequence)).toEqual(range(60, 70));
    expect(outcomes).toEqual(["failed"]);
    expect((await reader.entry(3)).content).toEqual(log.entries[3]);
    expect((await reader.inclusionProof(3)).checkpoint).toBe(reader.checkpoint);
    expect(await failure(reader.latest(40))).toMatchObject({
      code: "ERR_UNREACHABLE",
      reason: "not-cached",
      cause: down,
    });
    const { found, error } = await collect(reader.from(0));
    expect([found, (error as UnreachableError).reason]).toEqual([range(0, 4), "not-cached"]);
    await reader.close();
  });

  test("a cursor continues, and a live stream delivers what is kept and waits", async () => {
    const values = new Map<string, Uint8Array>();
    const first = await open(at(SIZE), { cache: cacheIn(values) });
    await collect(first.from(0));
    for await (const { sequence } of first.follow({ cursor: "screen" })) {
      await first.acknowledge("screen", sequence);
      if (sequence === 64) break;
    }
    await first.close();
    const reader = await open(offline(), { cache: cacheIn(values) });
    const found: number[] = [];
    for await (const { sequence } of reader.follow({ cursor: "screen" })) {
      found.push(sequence);
      if (sequence === SIZE - 1) break;
    }
    expect(found).toEqual(range(65, SIZE));
    await reader.close();
  });

  test("a store of its own has the state, and the cache the objects", async () => {
    const store = memoryReaderStore();
    const values = await readAll({ store });
    expect([...values.keys()].filter((key) => key.startsWith("record/"))).toEqual([]);
    const reader = await open(offline(), { cache: cacheIn(values), store });
    expect((await collect(reader.from(0))).found).toEqual(range(0, SIZE));
    await reader.close();
    // Without a store, such a cache has no state to read.
    const newcomer = await open(offline(), { cache: cacheIn(values) });
    expect(await collect(newcomer.from(0))).toEqual({ found: [], error: down });
    expect(await failure(newcomer.latest(1))).toBe(down);
    await newcomer.close();
  });

  test("without a cache nothing is delivered, and a failure that stays is told by latest as well", async () => {
    const store = memoryReaderStore();
    const values = await readAll({ store });
    const reader = await open(offline(), { store });
    expect(await collect(reader.from(0))).toEqual({ found: [], error: down });
    expect(await failure(reader.latest(1))).toBe(down);
    await reader.close();
    const remote = offline();
    const forever = new UnreachableError("gone", { operation: "names.resolve", retry: "never" });
    remote.names.fail(forever);
    const other = await open(remote, { store, cache: cacheIn(values) });
    expect(await failure(other.latest(1))).toBe(forever);
    await other.close();
  });
});

// The newest entries come in heads: their pages, and the nodes above these, exist later alone.
test.each([
  ["1 entry", 1, 45, smallCuts],
  ["3 entries", 3, 45, smallCuts],
  ["8 entries, with nodes that are stored before they are full,", 8, 96, foldingCuts],
])("who followed a log, %s at a time, reads all of it again", async (_, step, length, settings) => {
  const publishAt = range(1, length / step).map((count) => count * step);
  const written = await writeLog(contents(length), { settings, publishAt });
  const values = new Map<string, Uint8Array>();
  const options = { logId: written.logId, retries: 0 };
  for (let size = step; size <= length; size += step) {
    // Each in a run of its own, as an application that is opened now and then.
    const remotes = [at(size, written)];
    const reader = await openReader({ ...options, remotes, cache: cacheIn(values) });
    const { found, error } = await collect(reader.from(size - step), written);
    expect([found, error]).toEqual([range(size - step, size), undefined]);
    await reader.close();
  }
  const remotes = [offline(at(length, written))];
  const reader = await openReader({ ...options, remotes, cache: cacheIn(values) });
  expect(await collect(reader.from(0), written)).toEqual({ found: range(0, length), error: down });
  await reader.close();
});

test("what is kept is not asked for again, and nothing is read twice", async () => {
  const values = await readAll();
  const remote = at(SIZE);
  const reader = await open(remote, { cache: cacheIn(values) });
  expect(await collect(reader.from(0))).toEqual({ found: range(0, SIZE), error: undefined });
  expect(remote.storage.reads).toEqual([]);
  expect(reader.status()).toMatchObject({ caughtUp: true });
  await reader.close();
});

test("parts of bundles are not read: a later run could not tell whether they are right", async () => {
  const bundled = await writeLog(contents(400), { settings: { leafSize: 8 }, bundles: "writer" });
  const read = async (cache: ReaderCache | undefined): Promise<ScriptedStorage> => {
    const remote = scriptedRemote(bundled.contents, bundled.head);
    Object.assign(remote.storage.capabilities, { ranges: true });
    const reader = await openReader({ logId: bundled.logId, remotes: [remote], cache });
    await reader.entry(20);
    await reader.close();
    return remote.storage;
  };
  const ranges: unknown[] = [];
  const values = new Map<string, Uint8Array>();
  await read(cacheIn(values));
  for (const [key, value] of values)
    if (!key.startsWith("record/")) ranges.push(bundled.contents.get(key)?.length === value.length);
  expect(ranges.length).toBeGreaterThan(1);
  expect(ranges.every(Boolean)).toBe(true);
});

describe("a cache that", () => {
  test("is damaged gives nothing: what is wrong is removed, and read anew", async () => {
    const values = await readAll();
    for (const [key, value] of values) if (!key.startsWith("record/")) value[0]! ^= 1;
    const remote = at(SIZE);
    const reader = await open(remote, { cache: cacheIn(values) });
    expect(await collect(reader.from(0))).toEqual({ found: range(0, SIZE), error: undefined });
    await reader.close();
    for (const [key, value] of values) {
      if (!key.startsWith("record/")) expect(value).toEqual(log.contents.get(key));
    }
    // Offline, what is damaged is as if it were not there, and it is gone.
    const [key] = [...values.keys()].filter((one) => !one.startsWith("record/"));
    values.get(key!)![0]! ^= 1;
    const again = await open(offline(), { cache: cacheIn(values) });
    expect((await collect(again.from(0))).error).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(values.has(key!)).toBe(false);
    await again.close();
  });

  test("has a damaged record of the state is one of a new reader", async () => {
    const values = await readAll();
    for (const [key, value] of values) if (key.startsWith("record/")) value[40]! ^= 1;
    const reader = await open(at(SIZE), { cache: cacheIn(values) });
    expect(reader.size).toBe(0);
    expect((await collect(reader.from(0))).found).toEqual(range(0, SIZE));
    await reader.close();
    const short = new Map([...values].map(([key, value]) => [key, value.slice(0, 20)]));
    expect((await open(at(SIZE), { cache: cacheIn(short) })).size).toBe(0);
  });

  test("fails makes nothing fail", async () => {
    const broken = cacheIn(undefined, {
      get: () => Promise.reject(new Error("disk")),
      put: () => Promise.reject(new Error("disk")),
      delete: () => {
        throw new Error("disk");
      },
    });
    const reader = await open(at(SIZE), { cache: broken });
    expect(await collect(reader.from(0))).toEqual({ found: range(0, SIZE), error: undefined });
    // What the reader knows of this run stays.
    expect((await collect(reader.from(60))).found).toEqual(range(60, SIZE));
    await reader.close();
  });

  test("keeps the buffers that it is given, or gives its own, changes nothing", async () => {
    const shared = new Map<string, Uint8Array>();
    const cache = cacheIn(shared, {
      get: async (key) => shared.get(key),
      put: async (key, value) => void shared.set(key, value),
    });
    const reader = await open(at(SIZE), { cache });
    await reader.latest(SIZE);
    const entries = await reader.latest(SIZE);
    for (const value of shared.values()) value.fill(0);
    expect(entries.map(({ content }) => content)).toEqual(log.entries);
    await reader.close();
  });

  test("tells a record by `keep`, and keeps objects without", async () => {
    const kept = new Map<string, boolean | undefined>();
    const cache = cacheIn(new Map(), {
      put: async (key, _, options) => void kept.set(key, options?.keep),
    });
    const reader = await open(at(SIZE), { cache });
    await collect(reader.from(0));
    await reader.close();
    expect(kept.size).toBeGreaterThan(5);
    for (const [key, keep] of kept) expect(keep === true).toBe(key.startsWith("record/"));
  });
});

test("readers of one cache in one process share the state: the second is not behind the first", async () => {
  const cache = cacheIn();
  const first = await open(at(40), { cache });
  const second = await open(at(SIZE), { cache });
  await second.sync();
  await collect(second.from(0));
  expect(await failure(first.sync())).toMatchObject({ code: "ERR_STALE" });
  await Promise.all([first.close(), second.close()]);
});

test("a signal ends a wait for the cache with its reason", async () => {
  const cache = cacheIn(undefined, {
    get: (key) => (key.startsWith("record/") ? Promise.resolve(undefined) : new Promise(() => undefined)),
  });
  const reader = await open(at(SIZE), { cache });
  await reader.sync();
  const controller = new AbortController();
  const reading = failure(reader.entry(3, { signal: controller.signal }));
  const reason = new TimeoutError("enough", { operation: "test" });
  controller.abort(reason);
  expect(await reading).toBe(reason);
  await reader.close();
});

test("what is kept is given as a copy, and not if it is longer than the caller takes", async () => {
  const values = new Map<string, Uint8Array>();
  const content = new Uint8Array([1, 2, 3]);
  const address = await addressOf(content, rawSha256);
  values.set(`${address}`, content);
  const cache = cacheIn(values, { get: async (key) => values.get(key) });
  const kept = new KeptObjects(cache, defaultLimits, new AbortController().signal);
  const read = (maxBytes: number): Promise<Uint8Array> =>
    kept.readThrough(address, { hashTypes: [rawSha256], maxBytes }, () => Promise.reject(down));
  const own = await read(3);
  expect(own).toEqual(content);
  expect(own).not.toBe(content);
  expect(await failure(read(2))).toBe(down);
});

test("what is no cache is refused", async () => {
  for (const cache of [{}, 1, "memory", { get: () => undefined, put: () => undefined }])
    expect(await failure(open(at(SIZE), { cache: cache as never }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
});
