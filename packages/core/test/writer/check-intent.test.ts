// What an earlier run signed for a remote, before it is sent again.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address } from "../../src/index.ts";
import { NO_MANIFEST } from "../../src/wire/head-manifest-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { checkIntent } from "../../src/writer/check-intent.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";

const SIZE = 3;
const none = new Uint8Array(0);
const address = Address.create(0x55, 0x12, new Uint8Array(32).fill(1));
const pointer = encodeRemoteLog({
  ...{ pairs: [], tail: none, genesis: none, checkpoint: none, levels: [] },
  head: address.bytes,
});
let log: WrittenLog;
let other: WrittenLog;

beforeAll(async () => {
  const settings = { leafSize: 4, fanOut: 4 };
  log = await writeLog(contents(SIZE), { settings, bundles: "off" });
  other = await writeLog(contents(SIZE), { settings, bundles: "off" });
});

const check = (intent: {
  readonly content: Uint8Array;
  readonly head?: Uint8Array;
  readonly size?: number;
}) => checkIntent({ size: SIZE, ...intent }, log.logId);

test("a head of the log's key, of the size that was noted, may be sent", async () => {
  expect(await check({ content: log.head })).toBeUndefined();
  expect(await check({ content: pointer, head: log.head })).toBeUndefined();
});

test("an earlier version noted no head beside its address: it is on the remote", async () => {
  expect(await check({ content: pointer })).toBeUndefined();
});

test("a head whose manifest is on the remote says there which key has signed", async () => {
  const manifest = { ...NO_MANIFEST, address: address.bytes };
  const content = encodeRemoteLog({ ...decodeRemoteLog(log.head), manifest });
  expect(await check({ content })).toBeUndefined();
  expect(await check({ content, size: SIZE + 1 })).toBeUndefined();
});

test.each([
  ["of another size", () => ({ content: log.head, size: SIZE + 1 }), "is of another size than was noted"],
  [
    "of another size, apart",
    () => ({ content: pointer, head: log.head, size: 1 }),
    "is of another size than was noted",
  ],
  ["of another log", () => ({ content: other.head }), "is damaged"],
  [
    "with a manifest that is none",
    () => {
      const manifest = { ...NO_MANIFEST, bytes: Uint8Array.of(1) };
      return { content: encodeRemoteLog({ ...decodeRemoteLog(log.head), manifest }) };
    },
    "is damaged",
  ],
  ["that is no head", () => ({ content: Uint8Array.of(1, 2, 3) }), "is damaged"],
  ["that is no head, apart", () => ({ content: pointer, head: Uint8Array.of(1, 2, 3) }), "is damaged"],
])("one %s is told as damage of the journal", async (_, intent, message) => {
  const error = await failure(check(intent()));
  expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(error.message).toContain(message);
});

test("an address whose head is an address again leads nowhere", async () => {
  expect(await failure(check({ content: pointer, head: pointer }))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    cause: { message: expect.stringContaining("points at a pointer") },
  });
});
