import { createHash } from "node:crypto";
import { addressOf, generateSeed, openReader, openWriter, rawSha256 } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import {
  decodeRetrievalHint,
  decodeSdsMessage,
  encodeRetrievalHint,
  encodeSdsMessage,
  retrieve,
  type SdsMessage,
} from "@remote-log/mvds/sds";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import protobuf from "protobufjs";
import { expect, test } from "vitest";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));

const MESSAGE: SdsMessage = {
  senderId: "al",
  messageId: "m1",
  channelId: "ch",
  lamportTimestamp: 300,
  causalHistory: [{ messageId: "m0", retrievalHint: bytes("ff"), senderId: "bo" }, { messageId: "mx" }],
  bloomFilter: bytes("0102"),
  repairRequest: [{ messageId: "mr" }],
  content: bytes("6869"),
};

// Worked out by hand from the numbers of each dialect: a tag is 8 × number + type, so 20 for content is a2 01, and 13 is 6a.
const ENTRIES = (tag: string): string => `${tag} 0b 0a 02 6d30 12 01 ff 1a 02 626f  ${tag} 04 0a 02 6d78`;
const VECTORS = {
  spec: `0a 02 616c  12 02 6d31  1a 02 6368  50 ac 02  ${ENTRIES("5a")}  62 02 0102  6a 04 0a 02 6d72  a2 01 02 6869`,
  nim: `0a 02 6d31  10 ac 02  ${ENTRIES("1a")}  22 02 6368  2a 02 6869  32 02 0102  3a 02 616c  6a 04 0a 02 6d72`,
} as const;

test.each(["spec", "nim"] as const)(
  "a message in the dialect %s has the bytes that follow from its numbers",
  (dialect) => {
    expect(hex(encodeSdsMessage(MESSAGE, dialect))).toBe(hex(bytes(VECTORS[dialect])));
    expect(decodeSdsMessage(bytes(VECTORS[dialect]), dialect)).toEqual(MESSAGE);
  },
);

test("what is absent stays absent", () => {
  const message = {
    senderId: "",
    messageId: "",
    channelId: "",
    causalHistory: [],
    repairRequest: [],
    content: bytes(""),
  };
  for (const dialect of ["spec", "nim"] as const) {
    expect(encodeSdsMessage(message, dialect)).toHaveLength(0);
    expect(decodeSdsMessage(bytes(""), dialect)).toEqual(message);
  }
});

test.each([
  ["a text that is no UTF-8", "0a 01 ff"],
  ["two senders", "0a 01 61 0a 01 62"],
  ["an entry that is a number", "58 01"],
  ["a text that is cut short", "0a 05 61"],
])("%s is refused with ERR_MALFORMED", (_, text) => {
  expect(() => decodeSdsMessage(bytes(text), "spec")).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test("limits, a dialect that does not exist and an entry without an id are refused", () => {
  const encoded = encodeSdsMessage(MESSAGE, "spec");
  for (const limits of [{ maxEntries: 1 }, { maxBytes: encoded.length - 1 }])
    expect(() => decodeSdsMessage(encoded, "spec", limits)).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  expect(decodeSdsMessage(encoded, "spec", { maxEntries: 2, maxBytes: encoded.length })).toEqual(MESSAGE);
  const invalid = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
  expect(() => decodeSdsMessage(encoded, "other" as "nim")).toThrow(invalid);
  expect(() => encodeSdsMessage({ ...MESSAGE, causalHistory: [{ messageId: "" }] }, "nim")).toThrow(invalid);
});

const PROTO = {
  spec: `string sender_id = 1; string message_id = 2; string channel_id = 3; optional uint64 lamport_timestamp = 10;
    repeated HistoryEntry causal_history = 11; optional bytes bloom_filter = 12; repeated HistoryEntry repair_request = 13;
    optional bytes content = 20;`,
  nim: `string message_id = 1; uint64 lamport_timestamp = 2; repeated HistoryEntry causal_history = 3; string channel_id = 4;
    bytes content = 5; bytes bloom_filter = 6; string sender_id = 7; repeated HistoryEntry repair_request = 13;`,
};
const anyText = fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" });
const anyEntry = fc.record({
  messageId: anyText,
  retrievalHint: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  senderId: anyText,
});

test.each(["spec", "nim"] as const)("protobufjs reads what is written in the dialect %s", (dialect) => {
  const source = `syntax = "proto3"; message SdsMessage { ${PROTO[dialect]} }
    message HistoryEntry { string message_id = 1; optional bytes retrieval_hint = 2; optional string sender_id = 3; }`;
  const type = protobuf.parse(source, { keepCase: true }).root.lookupType("SdsMessage");
  const entries = fc.array(anyEntry, { maxLength: 3 });
  const anyMessage = fc.record({
    senderId: anyText,
    messageId: anyText,
    channelId: anyText,
    lamportTimestamp: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    causalHistory: entries,
    repairRequest: entries,
    bloomFilter: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    content: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(anyMessage, (message) => {
      const encoded = encodeSdsMessage(message, dialect);
      const theirs = type.toObject(type.decode(encoded), { longs: Number, bytes: String, arrays: true });
      const base64 = (content: Uint8Array): string => Buffer.from(content).toString("base64");
      const entry = (each: (typeof message.causalHistory)[number]): unknown => ({
        message_id: each.messageId,
        retrieval_hint: base64(each.retrievalHint),
        sender_id: each.senderId,
      });
      expect(theirs).toEqual({
        sender_id: message.senderId,
        message_id: message.messageId,
        channel_id: message.channelId,
        lamport_timestamp: message.lamportTimestamp,
        causal_history: message.causalHistory.map(entry),
        repair_request: message.repairRequest.map(entry),
        bloom_filter: base64(message.bloomFilter),
        content: base64(message.content),
      });
      expect(decodeSdsMessage(encoded, dialect)).toEqual(message);
    }),
    { numRuns: 40 },
  );
});

test("a hint is the place of an entry, or the address of a content", async () => {
  const entry = { kind: "entry", logId: "ab".repeat(32), sequence: 300 } as const;
  expect(hex(encodeRetrievalHint(entry))).toBe(`0a20${"ab".repeat(32)}10ac02`);
  expect(decodeRetrievalHint(encodeRetrievalHint(entry))).toEqual(entry);
  const first = { ...entry, sequence: 0 };
  expect(decodeRetrievalHint(encodeRetrievalHint(first))).toEqual(first);
  const address = await addressOf(bytes("6869"), rawSha256);
  const content = encodeRetrievalHint({ kind: "content", address });
  expect(hex(content)).toBe(`1a24${hex(address.bytes)}`);
  const decoded = decodeRetrievalHint(content);
  expect(decoded.kind === "content" && decoded.address.equals(address)).toBe(true);
  expect(() => encodeRetrievalHint({ ...entry, logId: "AB" })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
});

test.each([
  ["nothing", ""],
  ["the hash of a message elsewhere", "22".repeat(32)],
  ["a log id that is cut short", `0a1f${"ab".repeat(31)}`],
  ["an entry and a content", `0a20${"ab".repeat(32)}1a0101`],
  ["an address that is none", "1a0101"],
  ["over 256 bytes", `0aff01${"ab".repeat(255)}`],
])("a hint that is %s is refused with ERR_MALFORMED", (_, text) => {
  expect(() => decodeRetrievalHint(bytes(text))).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("a message is retrieved from the log or the storage that its hint names, and is what was asked for", async () => {
  const remotes = [memoryRemote()];
  const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes });
  const content = bytes("6869");
  const { sequence } = await writer.append(content);
  await writer.publish();
  const reader = await openReader({ logId: writer.logId, key: writer.readKey, remotes });
  const address = await remotes[0]!.storage.put(content);
  const sources = { logs: new Map([[writer.logId, reader]]), storage: remotes[0]!.storage };
  const idOf = (found: Uint8Array): string => createHash("sha256").update(found).digest("hex");
  const messageId = idOf(content);
  const inLog = encodeRetrievalHint({ kind: "entry", logId: writer.logId, sequence });
  const inStorage = encodeRetrievalHint({ kind: "content", address });
  for (const retrievalHint of [inLog, inStorage]) {
    expect(await retrieve({ messageId, retrievalHint }, sources, { idOf })).toEqual(content);
    await expect(retrieve({ messageId: "other", retrievalHint }, sources, { idOf })).rejects.toMatchObject({
      code: "ERR_INTEGRITY",
    });
    expect(await retrieve({ messageId: "other", retrievalHint }, sources)).toEqual(content);
    await expect(retrieve({ messageId, retrievalHint }, {})).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  }
  await expect(retrieve({ messageId }, sources)).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  await reader.close();
  await writer.close();
});
