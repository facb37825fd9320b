// Uploads to a storage that takes several objects at once.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type Address,
  addressOf,
  type PutManyLimits,
  type PutOutcome,
  QuotaExhaustedError,
  type RemoteLogError,
  rawSha256,
  type StorageBackend,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "../../src/index.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { AcknowledgedUploads } from "../../src/writer/acknowledged-uploads.ts";
import { Presence } from "../../src/writer/presence.ts";
import { Uploads } from "../../src/writer/uploads.ts";
import { journalOf } from "../journal/small-log.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { text } from "./log-contents.ts";

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

const operation = "storage.putMany";
const lost = () => new UnreachableError("no answer", { operation });

async function uploadsTo(limits: PutManyLimits = { contents: 4, bytes: 100 }, there: readonly string[] = []) {
  const { journal } = await journalOf(0);
  const acknowledged = new AcknowledgedUploads(journal, new UploadRecords(journal, "one"));
  const addressed = (content: string): Promise<Address> => addressOf(text(content), rawSha256);
  const held = new Set<string>();
  for (const content of there) held.add(`${await addressed(content)}`);
  const put = vi.fn<(content: Uint8Array) => Promise<Address>>((content) => addressOf(content, rawSha256));
  const putMany = vi.fn<(contents: readonly Uint8Array[]) => Promise<readonly PutOutcome[]>>((contents) =>
    Promise.allSettled(contents.map((content) => addressOf(content, rawSha256))),
  );
  const storage: StorageBackend = {
    name: "counting",
    capabilities: { ...new ScriptedStorage(new Map()).capabilities, putMany: limits },
    put,
    putMany,
    has: async (address) => held.has(`${address}`),
    get: () => expect.unreachable(),
  };
  const controller = new AbortController();
  const presence = there.length > 0 ? new Presence(storage) : undefined;
  const uploads = new Uploads({ storage, acknowledged, presence }, controller.signal);
  const done: string[] = [];
  const send = async (...contents: string[]): Promise<void> => {
    for (const content of contents)
      await uploads.put(text(content), await addressed(content), () => done.push(content));
  };
  /** What each call of `putMany` and of `put` had. */
  const calls = () => [
    putMany.mock.calls.map(([contents]) => contents.map(shown)),
    put.mock.calls.map(([content]) => shown(content)),
  ];
  const isNoted = async (content: string): Promise<boolean> => acknowledged.has(await addressed(content));
  return { uploads, storage, put, putMany, send, done, calls, isNoted, controller };
}

const shown = (content: Uint8Array): string => new TextDecoder().decode(content);

/** Answers for all contents but some, which fail. */
function allBut(failing: Readonly<Record<string, RemoteLogError>>) {
  return async (contents: readonly Uint8Array[]): Promise<readonly PutOutcome[]> => {
    const outcomes = await Promise.allSettled(contents.map((content) => addressOf(content, rawSha256)));
    return outcomes.map((outcome, i) => {
      const reason = failing[shown(contents[i]!)];
      return reason === undefined ? outcome : { status: "rejected", reason };
    });
  };
}

test("objects wait until a call is full or all is to be settled; the last one alone is put", async () => {
  const { uploads, putMany, send, done, calls, isNoted } = await uploadsTo();
  await send("a", "b", "c");
  expect(putMany).not.toHaveBeenCalled();
  await send("d");
  await vi.waitFor(() => expect(putMany).toHaveBeenCalledTimes(1));
  await send("e");
  await uploads.settled();
  expect(calls()).toEqual([[["a", "b", "c", "d"]], ["e"]]);
  expect(done.sort()).toEqual(["a", "b", "c", "d", "e"]);
  expect(await isNoted("a")).toBe(true);
  await send("f", "a", "g");
  await uploads.settled();
  expect(calls()[0]).toEqual([
    ["a", "b", "c", "d"],
    ["f", "g"],
  ]);
});

test("a call has no more bytes than the storage takes; what is larger goes alone", async () => {
  const { uploads, send, calls } = await uploadsTo({ contents: 10, bytes: 5 });
  await send("aa", "bb", "cc", "dddddd", "ee", "fff", "g");
  await uploads.settled();
  expect(calls()).toEqual([
    [
      ["aa", "bb"],
      ["ee", "fff"],
    ],
    ["cc", "dddddd", "g"],
  ]);
});

test("a call that has all the bytes that it may have is not waited for", async () => {
  const { putMany, send } = await uploadsTo({ contents: 10, bytes: 5 });
  await send("aa", "bbb");
  await vi.waitFor(() => expect(putMany).toHaveBeenCalledTimes(1));
});

test.each([
  ["sixteen objects", 1000, 100, 100, 16],
  ["a mebibyte", 1000, 2 ** 40, 2 ** 18, 4],
])("a call has at most %s, whatever the storage takes", async (_most, contents, bytes, size, expected) => {
  const { uploads, putMany } = await uploadsTo({ contents, bytes: bytes * 1000 });
  for (let i = 0; i < 32; i++) {
    const content = new Uint8Array(size).fill(i);
    await uploads.put(content, await addressOf(content, rawSha256));
  }
  await uploads.settled();
  expect(putMany.mock.calls.map(([given]) => given.length)).toEqual(
    Array.from({ length: 32 / expected }, () => expected),
  );
});

test.each([
  [2, 16],
  [4, 8],
  [5, 6],
  [11, 2],
  [16, 2],
])("of calls with %d objects %d are under way at once", async (contents, atOnce) => {
  const { uploads, putMany, send } = await uploadsTo({ contents, bytes: 10_000 });
  const ends: (() => void)[] = [];
  putMany.mockImplementation(async (given) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return allBut({})(given);
  });
  const all = Array.from({ length: 48 }, (_, i) => `${i}`);
  const sending = send(...all).then(() => uploads.settled());
  await vi.waitFor(() => expect(ends).toHaveLength(atOnce));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ends).toHaveLength(atOnce);
  const calls = Math.ceil(48 / contents);
  for (let at = 0; at < calls; at++) {
    await vi.waitFor(() => expect(ends.length).toBeGreaterThan(at));
    ends[at]!();
  }
  await sending;
  expect(putMany).toHaveBeenCalledTimes(calls);
});

test("an object of a call that failed in a way that may pass is put again by itself, and the others are not", async () => {
  const { uploads, putMany, send, done, calls, isNoted } = await uploadsTo();
  putMany.mockImplementationOnce(allBut({ b: lost(), d: lost() }));
  await send("a", "b", "c", "d");
  await uploads.settled();
  expect(calls()).toEqual([[["a", "b", "c", "d"]], ["b", "d"]]);
  expect(done).toEqual(["a", "c", "b", "d"]);
  expect(await isNoted("d")).toBe(true);
});

test("an object of a call that can't be stored ends the uploads; what is stored of the call is noted", async () => {
  const { uploads, putMany, send, done, calls, isNoted } = await uploadsTo();
  const full = new QuotaExhaustedError("full", { operation });
  putMany.mockImplementationOnce(allBut({ a: full }));
  await send("a", "b", "c", "d");
  expect(await failure(uploads.settled())).toBe(full);
  expect([done, calls()[1]]).toEqual([["b", "c", "d"], []]);
  expect([await isNoted("a"), await isNoted("b"), await isNoted("d")]).toEqual([false, true, true]);
});

test("an object that was answered with another address ends the uploads with ERR_INTEGRITY", async () => {
  const { uploads, putMany, send, done } = await uploadsTo();
  putMany.mockImplementationOnce(async (contents) => [...(await allBut({})(contents))].reverse());
  await send("a", "b", "c");
  expect(await failure(uploads.settled())).toMatchObject({
    code: "ERR_INTEGRITY",
    operation,
    message: expect.stringMatching(/counting answered a put with the address .* nothing was published/),
  });
  expect(done).toEqual(["b"]);
});

test.each([
  ["less", (outcomes: readonly PutOutcome[]) => outcomes.slice(1)],
  ["more", (outcomes: readonly PutOutcome[]) => [...outcomes, ...outcomes]],
])("%s outcomes than objects end the uploads with ERR_INTEGRITY", async (_what, change) => {
  const { uploads, putMany, send, done } = await uploadsTo();
  putMany.mockImplementation(async (contents) => change(await allBut({})(contents)));
  await send("a", "b");
  expect(await failure(uploads.settled())).toMatchObject({
    code: "ERR_INTEGRITY",
    operation,
    message: expect.stringMatching(/counting answered for \d contents, and was given 2/),
  });
  expect([done, putMany.mock.calls.length]).toEqual([[], 1]);
});

test("a call that got no answer is made again, once; then its objects go one by one, and so do all others", async () => {
  const { uploads, putMany, send, done, calls } = await uploadsTo();
  putMany.mockRejectedValueOnce(lost());
  await send("a", "b");
  await uploads.settled();
  expect(calls()).toEqual([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [],
  ]);
  putMany.mockRejectedValue(lost());
  await send("c", "d");
  await uploads.settled();
  await send("e", "f");
  await uploads.settled();
  expect(putMany).toHaveBeenCalledTimes(4);
  expect(calls()[1]).toEqual(["c", "d", "e", "f"]);
  expect(done).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test.each([
  new TooLargeError("413", { operation, limit: 5 }),
  new TimeoutError("late", { operation }),
  new UnsupportedError("405", { operation }),
])("a call that ends with $code is not made again: its objects go one by one", async (error) => {
  const { uploads, putMany, send, calls } = await uploadsTo();
  putMany.mockRejectedValueOnce(error);
  await send("a", "b");
  await uploads.settled();
  await send("c", "d");
  await uploads.settled();
  expect(calls()).toEqual([[["a", "b"]], ["a", "b", "c", "d"]]);
});

test("any other failure of a call ends the uploads", async () => {
  const { uploads, putMany, send, calls } = await uploadsTo();
  const full = new QuotaExhaustedError("full", { operation });
  putMany.mockRejectedValueOnce(full);
  await send("a", "b");
  expect(await failure(uploads.settled())).toBe(full);
  expect(await failure(send("c", "d", "e", "f"))).toBe(full);
  expect(calls()).toEqual([[["a", "b"]], []]);
});

test("after an abort nothing that waits is sent", async () => {
  const { uploads, send, calls, controller } = await uploadsTo();
  await send("a", "b");
  controller.abort("gave up");
  expect(await failure(uploads.settled())).toBe("gave up");
  expect(calls()).toEqual([[], []]);
});

test("an abort ends a call, and its objects are not sent one by one", async () => {
  const { uploads, putMany, send, calls, controller } = await uploadsTo();
  putMany.mockImplementationOnce(async () => {
    controller.abort("gave up");
    throw new TimeoutError("late", { operation });
  });
  await send("a", "b");
  expect(await failure(uploads.settled())).toBe("gave up");
  expect(calls()).toEqual([[["a", "b"]], []]);
});

test("if it is not known what is there, each object is asked for first, and a call has what is missing", async () => {
  const { uploads, send, done, calls } = await uploadsTo({ contents: 4, bytes: 100 }, ["a", "c", "f"]);
  await send("a", "b", "c", "d", "e", "f");
  await uploads.settled();
  expect(calls()).toEqual([[["b", "d"]], ["e"]]);
  expect(done.sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test("a storage that declares several objects at once and has no method for it is given one by one", async () => {
  const { storage, put } = await uploadsTo();
  const without = { ...storage };
  delete without.putMany;
  const { journal } = await journalOf(0);
  const acknowledged = new AcknowledgedUploads(journal, new UploadRecords(journal, "one"));
  const uploads = new Uploads({ storage: without, acknowledged }, new AbortController().signal);
  await uploads.put(text("a"), await uploads.address(text("a")));
  await uploads.put(text("b"), await uploads.address(text("b")));
  await uploads.settled();
  expect(put).toHaveBeenCalledTimes(2);
});
