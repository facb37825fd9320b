// What a reader is opened and called with: each option of a wrong kind is refused by its name, before anything is opened.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { memoryReaderStore, openReader, type ReaderOptions, ReadKey } from "../../src/index.ts";
import { checkCallOptions, checkCursor, checkReaderOptions } from "../../src/reader/check-reader-options.ts";
import { checkReaderStore, withStoreDeadlines } from "../../src/reader/reader-store.ts";
import { scriptedRemote } from "./scripted-remote.ts";

const right = { logId: "0f".repeat(32), remotes: [scriptedRemote(new Map())] };
const refused = (operation: string, ...words: string[]) => ({
  code: "ERR_INVALID_INPUT",
  operation,
  message: expect.stringMatching(new RegExp(words.join(".*"))),
});
/** How a call fails that may throw at once. */
const failing = (call: () => unknown): Promise<unknown> => failure((async () => call())());

test.each<[string, object]>([
  ["no option but those that are required", {}],
  ["every option", { store: memoryReaderStore(), pollMilliseconds: 1, retries: 0, floor: { size: 0 } }],
  ["sealed entries, if it has no key", { withoutKey: "sealed" }],
  ["a refusal, if it has no key", { withoutKey: "fail" }],
  ["the longest interval that timers know", { pollMilliseconds: 2 ** 31 - 1 }],
  ["a read key", { key: new ReadKey(new Uint8Array(32)) }],
  ["a floor with a root", { floor: { size: 7, root: new Uint8Array(32) } }],
])("a reader is opened with %s", async (_what, options) => {
  checkReaderOptions({ ...right, ...options });
  const reader = await openReader({ ...right, ...options });
  expect(reader.size).toBe(0);
  await reader.close();
});

test.each<[string, object, string[]]>([
  ["log id", { logId: 7 }, ["`logId` of openReader", "64 hexadecimal digits"]],
  ["list of remotes", { remotes: right.remotes[0] }, ["`remotes` of openReader"]],
  ["store", { store: { get: () => undefined } }, ["`store` of openReader", "get, put and compareAndSet"]],
  ["number of milliseconds", { pollMilliseconds: "1" }, ["`pollMilliseconds` of openReader"]],
  ["number of milliseconds, too small", { pollMilliseconds: 0 }, ["pollMilliseconds must be from 1"]],
  ["number of milliseconds, longer than timers can wait", { pollMilliseconds: 2 ** 31 }, ["to 2147483647"]],
  ["key, which is a text", { key: "a key" }, ["`key` of openReader"]],
  ["key, which has its bytes alone", { key: { toBytes: () => undefined } }, ["`key` of openReader"]],
  ["key, which opens nothing", { key: { sealingOf: () => undefined } }, ["`key` of openReader"]],
  ["word for entries that it can't open", { withoutKey: "skip" }, ["`withoutKey` of openReader"]],
  ["number of retries", { retries: -1 }, ["retries must be a whole number"]],
  ["callback", { onStatus: "yes" }, ["`onStatus` of openReader"]],
  ["floor", { floor: 7 }, ["`floor` of openReader"]],
  ["floor without a size", { floor: {} }, ["`size` of the floor"]],
  ["floor, whose root is a text", { floor: { size: 7, root: "root" } }, ["`root` of the floor"]],
  ["floor, whose size is negative", { floor: { size: -1 } }, ["The size of the floor must be"]],
])("a reader is not opened with a wrong %s", async (_what, options, words) => {
  const wrong = { ...right, ...options } as unknown as ReaderOptions;
  expect(await failing(() => checkReaderOptions(wrong))).toMatchObject(refused("reader.open", ...words));
  expect(await failure(openReader(wrong))).toMatchObject(refused("reader.open", ...words));
});

test.each<[string, object, string]>([
  ["log id that is none", { logId: "log" }, "log-id.check"],
  ["list of remotes that is empty", { remotes: [] }, "remotes.check"],
])("a reader is not opened with a %s", async (_what, options, operation) => {
  expect(await failure(openReader({ ...right, ...options }))).toMatchObject(refused(operation));
});

test("the options of each call are those of that call", async () => {
  const { signal } = new AbortController();
  for (const [call, options] of [
    ["from", { signal, live: true }],
    ["from", { removed: "fail" }],
    ["fromSnapshot", { signal, live: true, removed: "skip" }],
    ["follow", { signal, live: false, cursor: "c" }],
    ["latest", { signal, live: "of no interest", cursor: 7 }],
    ["entry", {}],
  ] as const)
    checkCallOptions(options, call);
  for (const [call, options, option] of [
    ["from", { live: "yes" }, "live"],
    ["from", { signal: "stop" }, "signal"],
    ["from", { removed: "" }, "removed"],
    ["fromSnapshot", { live: "yes" }, "live"],
    ["follow", {}, "cursor"],
    ["follow", { cursor: "c", live: 1 }, "live"],
    ["latest", { signal: "stop" }, "signal"],
  ] as const) {
    const error = await failing(() => checkCallOptions(options, call));
    expect(error).toMatchObject(refused(`reader.${call}`, `\`${option}\` of ${call}`));
  }
});

test("a runtime that lacks something is told before anything is opened", async () => {
  vi.stubGlobal("AbortController", undefined);
  const opening = failure(openReader(right)).finally(() => vi.unstubAllGlobals());
  expect(await opening).toMatchObject({
    code: "ERR_UNSUPPORTED",
    operation: "reader.open",
    reason: "runtime",
  });
});

test("a cursor has a name", async () => {
  checkCursor("c", "reader.acknowledge");
  for (const cursor of [undefined, 7, {}]) {
    const error = await failing(() => checkCursor(cursor, "reader.acknowledge"));
    expect(error).toMatchObject(refused("reader.acknowledge", "The cursor must be a string"));
  }
});

test("a store in memory takes a Map alone for its values", async () => {
  for (const options of [{ values: [] }, "values"])
    expect(await failing(() => memoryReaderStore(options as never))).toMatchObject(
      refused("reader.open", "memoryReaderStore"),
    );
});

test.each(["get", "put", "compareAndSet"])("a store without %s is refused", async (method) => {
  const store = { ...memoryReaderStore(), [method]: undefined };
  expect(await failing(() => checkReaderStore(store))).toMatchObject(refused("reader.open", method));
  checkReaderStore(memoryReaderStore());
});

test("every call of a store has a deadline, and a signal of the caller ends it before", async () => {
  const silent = (): Promise<never> => new Promise(() => undefined);
  const store = withStoreDeadlines({ get: silent, put: silent, compareAndSet: silent }, 1);
  const { signal } = new AbortController();
  const bytes = new Uint8Array(1);
  for (const call of [
    () => store.get("key", { signal }),
    () => store.put("key", bytes),
    () => store.compareAndSet("key", undefined, bytes),
  ])
    expect(await failure(call())).toMatchObject({ code: "ERR_TIMEOUT", operation: "reader.store" });
  const patient = withStoreDeadlines({ get: silent, put: silent, compareAndSet: silent }, 100_000);
  const options = { signal: AbortSignal.abort("gave up") };
  expect(await failure(patient.get("key", options))).toBe("gave up");
  expect(await failure(patient.put("key", bytes, options))).toBe("gave up");
  expect(await failure(patient.compareAndSet("key", undefined, bytes, options))).toBe("gave up");
});

test("a store with deadlines does what the store does", async () => {
  const store = withStoreDeadlines(memoryReaderStore(), 100_000);
  await store.put("key", Uint8Array.of(1));
  expect(await store.compareAndSet("key", Uint8Array.of(1), Uint8Array.of(2))).toBe(true);
  expect(await store.compareAndSet("key", Uint8Array.of(1), Uint8Array.of(3))).toBe(false);
  expect(await store.get("key")).toEqual(Uint8Array.of(2));
});
