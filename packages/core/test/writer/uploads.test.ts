// Uploads of a publish: each at most once, several at a time, noted once they are acknowledged.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import {
  type Address,
  addressOf,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { AcknowledgedUploads } from "../../src/writer/acknowledged-uploads.ts";
import { Presence } from "../../src/writer/presence.ts";
import { Uploads } from "../../src/writer/uploads.ts";
import { journalOf } from "../journal/small-log.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { text } from "./log-contents.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function uploadsTo(options: { readonly there?: readonly string[]; readonly asks?: boolean } = {}) {
  const { journal } = await journalOf(0);
  const acknowledged = new AcknowledgedUploads(journal, new UploadRecords(journal, "one"));
  const there = new Set<string>();
  for (const content of options.there ?? []) there.add(`${await addressOf(text(content), rawSha256)}`);
  const put = vi.fn<(content: Uint8Array) => Promise<Address>>(async (content) => {
    const address = await addressOf(content, rawSha256);
    there.add(`${address}`);
    return address;
  });
  const has = vi.fn<(address: Address) => Promise<boolean>>(async (address) => there.has(`${address}`));
  const inner = new ScriptedStorage(new Map());
  const storage: StorageBackend = {
    name: "counting",
    capabilities: inner.capabilities,
    put,
    has,
    get: () => expect.unreachable(),
  };
  const controller = new AbortController();
  const presence = options.asks ? new Presence(storage) : undefined;
  const uploads = new Uploads({ storage, acknowledged, presence }, controller.signal);
  const done: string[] = [];
  const send = async (content: string): Promise<void> =>
    uploads.put(text(content), await uploads.address(text(content)), () => done.push(content));
  return { uploads, acknowledged, put, has, send, done, controller };
}

test("an object is sent once, noted, and told when it is there", async () => {
  const { uploads, acknowledged, put, has, send, done } = await uploadsTo();
  await send("a");
  await uploads.settled();
  const address = await addressOf(text("a"), rawSha256);
  expect([acknowledged.has(address), done, put.mock.calls.length]).toEqual([true, ["a"], 1]);
  await send("a");
  await uploads.settled();
  expect([done, put.mock.calls.length, has.mock.calls.length]).toEqual([["a", "a"], 1, 0]);
  expect(uploads.takeAddresses().map(String)).toEqual([`${address}`, `${address}`]);
  expect(uploads.takeAddresses()).toEqual([]);
  await uploads.put(text("b"), await uploads.address(text("b")));
  await uploads.settled();
});

test("if it is not known what is there, that is asked first, and what is there counts as sent", async () => {
  const { uploads, acknowledged, put, send, done } = await uploadsTo({ there: ["a"], asks: true });
  await send("a");
  await send("b");
  await uploads.settled();
  expect(done.sort()).toEqual(["a", "b"]);
  expect(put.mock.calls.map(([content]) => content)).toEqual([text("b")]);
  expect(acknowledged.has(await addressOf(text("a"), rawSha256))).toBe(true);
});

test("questions and uploads that fail in a way that may pass are made again", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { uploads, put, has, send, done } = await uploadsTo({ asks: true });
  const silent = new UnreachableError("no answer", { operation: "storage.put", retry: "safe" });
  has.mockRejectedValueOnce(silent);
  put.mockRejectedValueOnce(silent);
  await send("a");
  await uploads.settled();
  expect([done, has.mock.calls.length, put.mock.calls.length]).toEqual([["a"], 2, 2]);
});

test("sixteen uploads are under way at once, and no more", async () => {
  const { uploads, put, send } = await uploadsTo();
  const ends: (() => void)[] = [];
  put.mockImplementation(async (content) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return addressOf(content, rawSha256);
  });
  const sending = (async () => {
    for (let i = 0; i < 20; i++) await send(`${i}`);
  })();
  await vi.waitFor(() => expect(ends).toHaveLength(16));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ends).toHaveLength(16);
  for (let at = 0; at < 20; at++) {
    await vi.waitFor(() => expect(ends.length).toBeGreaterThan(at));
    ends[at]!();
  }
  await sending;
  await uploads.settled();
  expect(put).toHaveBeenCalledTimes(20);
});

test("an upload that fails is told, and not noted; after an abort none begins", async () => {
  const { uploads, acknowledged, put, send, done, controller } = await uploadsTo();
  const broken = new Error("broken");
  put.mockRejectedValueOnce(broken);
  await send("a").catch(() => undefined);
  expect(await failure(uploads.settled())).toBe(broken);
  expect([done, acknowledged.has(await addressOf(text("a"), rawSha256))]).toEqual([[], false]);
  controller.abort("gave up");
  expect(await failure(send("b"))).toBe("gave up");
  expect(put).toHaveBeenCalledTimes(1);
});
