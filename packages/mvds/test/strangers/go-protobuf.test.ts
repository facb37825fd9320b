// What we write, read by Protocol Buffers in Go, by way of tools/protobuf-check; and what that writes, read by us.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodePayload, encodePayload, type Payload } from "@remote-log/mvds";
import { decodeSdsMessage, encodeSdsMessage, type SdsMessage } from "@remote-log/mvds/sds";
import { goOrSkip } from "@remote-log/servers";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../../../../tools/protobuf-check", import.meta.url));
const { skip } = await goOrSkip();
const run = promisify(execFile);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** A field of a descriptor. */
interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly label: string;
  readonly typeName?: string;
}

function field(kind: string, name: string, number: number): Field {
  const [label, type] = kind.startsWith("repeated ")
    ? ["LABEL_REPEATED", kind.slice(9)]
    : ["LABEL_OPTIONAL", kind];
  if (/^[a-z]/.test(type)) return { name, number, label, type: `TYPE_${type.toUpperCase()}` };
  return { name, number, label, type: "TYPE_MESSAGE", typeName: `.${type}` };
}

/** What a `.proto` file with these messages says; each field by its kind, its name and its number. */
function fileOf(messages: Readonly<Record<string, readonly (readonly [string, string, number])[]>>): unknown {
  const messageType = Object.entries(messages).map(([name, fields]) => ({
    name,
    field: fields.map(([kind, of, number]) => field(kind, of, number)),
  }));
  return { name: "check.proto", syntax: "proto3", messageType };
}

const metadata = [
  ["repeated bytes", "parents", 1],
  ["bool", "ephemeral", 2],
] as const;

// As the standard has it, with the metadata of 4/MVDS-META and the offers by group of status-im/mvds; and the numbers of vacp2p/mvds.
const PAYLOADS = {
  production: fileOf({
    Payload: [
      ["repeated bytes", "acks", 5001],
      ["repeated bytes", "offers", 5002],
      ["repeated bytes", "requests", 5003],
      ["repeated Message", "messages", 5004],
      ["repeated Offer", "group_offers", 5005],
    ],
    Message: [
      ["bytes", "group_id", 6001],
      ["int64", "timestamp", 6002],
      ["bytes", "body", 6003],
      ["Metadata", "metadata", 6004],
    ],
    Offer: [
      ["bytes", "group_id", 1],
      ["repeated bytes", "message_ids", 2],
    ],
    Metadata: metadata,
  }),
  reference: fileOf({
    Payload: [
      ["repeated bytes", "acks", 1],
      ["repeated bytes", "offers", 2],
      ["repeated bytes", "requests", 3],
      ["repeated Message", "messages", 4],
    ],
    Message: [
      ["bytes", "group_id", 1],
      ["int64", "timestamp", 2],
      ["bytes", "body", 3],
      ["Metadata", "metadata", 4],
    ],
    Metadata: metadata,
  }),
} as const;

const entry = [
  ["string", "message_id", 1],
  ["bytes", "retrieval_hint", 2],
  ["string", "sender_id", 3],
] as const;

const SDS = {
  spec: fileOf({
    SdsMessage: [
      ["string", "sender_id", 1],
      ["string", "message_id", 2],
      ["string", "channel_id", 3],
      ["uint64", "lamport_timestamp", 10],
      ["repeated HistoryEntry", "causal_history", 11],
      ["bytes", "bloom_filter", 12],
      ["repeated HistoryEntry", "repair_request", 13],
      ["bytes", "content", 20],
    ],
    HistoryEntry: entry,
  }),
  nim: fileOf({
    SdsMessage: [
      ["string", "message_id", 1],
      ["uint64", "lamport_timestamp", 2],
      ["repeated HistoryEntry", "causal_history", 3],
      ["string", "channel_id", 4],
      ["bytes", "content", 5],
      ["bytes", "bloom_filter", 6],
      ["string", "sender_id", 7],
      ["repeated HistoryEntry", "repair_request", 13],
    ],
    HistoryEntry: entry,
  }),
} as const;

const plain = {
  groupId: id(0x22),
  timestamp: 1_700_000_000n,
  body: new Uint8Array([1]),
  parents: [],
  ephemeral: false,
};
const whole = {
  ...plain,
  timestamp: -(2n ** 63n),
  body: new Uint8Array(300),
  parents: [id(1), id(2)],
  ephemeral: true,
};
const payload: Payload = {
  acks: [id(0x11), id(0x12)],
  offers: [id(0x44)],
  requests: [id(0x55), id(0x56)],
  messages: [plain, whole, { ...plain, timestamp: 2n ** 63n - 1n, body: new Uint8Array(0) }],
};
const groupOffers = [{ groupId: id(0x66), messageIds: [id(0x67), id(0x68)] }];

const sds: SdsMessage = {
  senderId: "Aljoša",
  messageId: "m-2",
  channelId: "chat",
  lamportTimestamp: Number.MAX_SAFE_INTEGER,
  causalHistory: [{ messageId: "m-0" }, { messageId: "m-1", retrievalHint: id(7), senderId: "bob" }],
  bloomFilter: new Uint8Array([9]),
  repairRequest: [{ messageId: "m-3" }],
  content: new TextEncoder().encode("hello"),
};

describe.skipIf(skip)("Protocol Buffers in Go", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await temporaryFolder();
    await run("go", ["build", "-o", join(folder, "protobuf-check"), "."], { cwd: program });
  });

  /** What Go makes of some bytes: the message in JSON, and the bytes that it writes for it. */
  async function readByGo(
    file: unknown,
    type: string,
    bytes: Uint8Array,
  ): Promise<{ message: unknown; bytes: Uint8Array }> {
    const question = join(folder, "question.json");
    await writeFile(question, JSON.stringify({ file, messages: [{ type, bytes: base64(bytes) }] }));
    const { stdout } = await run(join(folder, "protobuf-check"), [question]);
    const [found] = JSON.parse(stdout) as { message: unknown; bytes: string }[];
    return { message: found!.message, bytes: new Uint8Array(Buffer.from(found!.bytes, "base64")) };
  }

  test.each(["production", "reference"] as const)(
    "reads a payload in the dialect %s, and is read",
    async (dialect) => {
      const ours: Payload = dialect === "production" ? { ...payload, groupOffers } : payload;
      const theirs = await readByGo(PAYLOADS[dialect], "Payload", encodePayload(ours, dialect));
      const all = (list: readonly Uint8Array[]): readonly string[] => list.map(base64);
      expect(theirs.message).toEqual({
        acks: all(ours.acks),
        offers: all(ours.offers),
        requests: all(ours.requests),
        messages: ours.messages.map(({ groupId, timestamp, body, parents, ephemeral }) => ({
          group_id: base64(groupId),
          timestamp: `${timestamp}`,
          // What is empty is not written.
          ...(body.length > 0 && { body: base64(body) }),
          ...(ephemeral && { metadata: { parents: all(parents), ephemeral } }),
        })),
        ...(dialect === "production" && {
          group_offers: groupOffers.map(({ groupId, messageIds }) => ({
            group_id: base64(groupId),
            message_ids: all(messageIds),
          })),
        }),
      });
      expect(decodePayload(theirs.bytes, dialect)).toEqual(ours);
    },
  );

  test.each(["spec", "nim"] as const)(
    "reads a message of SDS in the dialect %s, and is read",
    async (dialect) => {
      const theirs = await readByGo(SDS[dialect], "SdsMessage", encodeSdsMessage(sds, dialect));
      expect(theirs.message).toEqual({
        sender_id: "Aljoša",
        message_id: "m-2",
        channel_id: "chat",
        lamport_timestamp: `${Number.MAX_SAFE_INTEGER}`,
        causal_history: [
          { message_id: "m-0" },
          { message_id: "m-1", retrieval_hint: base64(id(7)), sender_id: "bob" },
        ],
        bloom_filter: "CQ==",
        repair_request: [{ message_id: "m-3" }],
        content: "aGVsbG8=",
      });
      expect(decodeSdsMessage(theirs.bytes, dialect)).toEqual(sds);
    },
  );

  test("a dialect is not read as the other one", async () => {
    const reading = readByGo(PAYLOADS.reference, "Payload", encodePayload(payload));
    await expect(reading).rejects.toThrow("fields that its type does not have");
  });
});
