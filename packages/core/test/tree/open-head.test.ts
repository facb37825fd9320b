import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { encodeHeadPointer, verifyHead } from "../../src/log/head.ts";
import { openHead } from "../../src/tree/open-head.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";

let log: WrittenLog;
let pointer: Uint8Array;
let objects: Map<string, Uint8Array>;

beforeAll(async () => {
  log = await writeLog(contents(5));
  const address = await addressOf(log.head, rawSha256);
  pointer = encodeHeadPointer(address);
  objects = new Map(log.contents).set(address.toString(), log.head);
});

const open = (content: Uint8Array, headBytes: number, logId = log.logId) => {
  const remote = scriptedRemote(objects);
  return { remote, opened: openHead(remote, logId, content, headBytes, undefined) };
};

test("a head is opened where the name holds it, or at the address that the name holds", async () => {
  const expected = await verifyHead(log.head, log.logId);
  expect(await open(log.head, log.head.length).opened).toEqual(expected);
  const { remote, opened } = open(pointer, log.head.length);
  expect(await opened).toEqual(expected);
  expect(remote.storage.limits).toEqual([log.head.length]);
});

test("what a resolver does to its buffer afterwards changes nothing of the head that was verified", async () => {
  const expected = await verifyHead(log.head, log.logId);
  const buffer = log.head.slice();
  const { opened } = open(buffer, buffer.length);
  buffer.fill(0);
  expect(await opened).toEqual(expected);
});

test("a head that is larger than the limit is refused with ERR_TOO_LARGE, wherever it is", async () => {
  const limit = log.head.length - 1;
  const wanted = { code: "ERR_TOO_LARGE", limit };
  expect(await failure(open(log.head, limit).opened)).toMatchObject(wanted);
  expect(await failure(open(pointer, limit).opened)).toMatchObject(wanted);
});

test("a head of another log is refused with ERR_INTEGRITY, wherever it is", async () => {
  for (const content of [log.head, pointer]) {
    const { opened } = open(content, 2 ** 20, "ab".repeat(32));
    expect(await failure(opened)).toMatchObject({ code: "ERR_INTEGRITY" });
  }
});

test("a web page under the name is out of reach, and no head", async () => {
  const page = new TextEncoder().encode("<html><body>Log in</body></html>");
  const came = { code: "ERR_UNREACHABLE", reason: "web-page", operation: "names.resolve" };
  expect(await failure(open(page, 1000).opened)).toMatchObject(came);
});
