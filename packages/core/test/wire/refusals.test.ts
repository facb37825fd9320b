// Which field an error names: whoever writes a second implementation finds a fault by that.

import { describe, expect, test } from "vitest";
import { decodeGenesis, encodeGenesis } from "../../src/wire/genesis-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { encodeMvdsMessage, type MvdsMessage, mvdsMessageId } from "../../src/wire/mvds-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WireLevel,
  type WireRemoteLog,
} from "../../src/wire/remote-log-message.ts";
import { varintBytes } from "../../src/wire/varint.ts";
import { forEachCodec } from "./codecs.ts";
import { fromHex } from "./hex.ts";
import { fieldBytes, pack, soundGenesis } from "./messages.ts";

const none = new Uint8Array(0);
const hash = new Uint8Array(32).fill(7);

/** The fields of every message: its codec, what the message lies in, its name, and the numbers and names of its fields. */
const fields = {
  "genesis record": [
    [
      [],
      "Genesis",
      "number",
      { 1: "version", 4: "identifiers", 5: "visibility", 6: "leafSize", 7: "fanOut", 9: "unpadded" },
    ],
    [[], "Genesis", "bytes", { 2: "signingKey", 3: "recoveryKeyHash" }],
  ],
  "index node": [[[], "IndexNode", "bytes", { 1: "address", 2: "hashes" }]],
  "remote log": [
    [
      [],
      "RemoteLog",
      "bytes",
      { 1: "pair", 2: "tail", 100: "genesis", 101: "checkpoint", 102: "level", 103: "head", 108: "remoteId" },
    ],
    [[1], "Pair", "bytes", { 1: "remoteHash", 2: "localHash", 3: "data", 100: "contentHash" }],
    [[102], "Level", "bytes", { 1: "node", 2: "peaks", 3: "address", 4: "hashes" }],
  ],
  manifest: [
    [[], "Manifest", "number", { 1: "version", 6: "firstKept", 7: "snapshot" }],
    [[], "Manifest", "bytes", { 2: "previous", 3: "succession", 4: "epoch", 5: "removed", 8: "remotes" }],
    [[4], "Epoch", "number", { 1: "first" }],
    [[4], "Epoch", "bytes", { 2: "keyId", 3: "keyring" }],
    [[5], "Removal", "number", { 1: "first", 2: "count" }],
  ],
  "stored object": [[[], "StoredObject", "bytes", { 1: "hash", 2: "address" }]],
  "MVDS message": [
    [[], "Message", "number", { 6002: "timestamp" }],
    [[], "Message", "bytes", { 6001: "group_id", 6003: "body", 6004: "metadata" }],
    [[6004], "Metadata", "bytes", { 1: "parents" }],
    [[6004], "Metadata", "number", { 2: "ephemeral" }],
  ],
} as const;

forEachCodec(({ name, decode }) => {
  describe(`${name}`, () => {
    for (const [within, message, kind, numbers] of fields[name as keyof typeof fields]) {
      test.each(Object.entries(numbers))(`field %s of a ${message} is named ${kind}, %s`, (number, field) => {
        const wrap = (bytes: Uint8Array): Uint8Array =>
          (within as readonly number[]).reduce((inner, outer) => fieldBytes(outer, inner), bytes);
        const tag = (wireType: number): Uint8Array => varintBytes(Number(number) * 8 + wireType);
        const named = `field ${field} of message ${message}`;
        const [right, wrong] = kind === "bytes" ? [2, 0] : [0, 2];
        const [expected, found] =
          kind === "bytes" ? ["length-delimited", "a varint"] : ["a varint", "length-delimited"];
        expect(() => decode(wrap(pack([tag(wrong), Uint8Array.of(1)])))).toThrow(
          `The ${named} is encoded as ${found}, not as ${expected}.`,
        );
        expect(() => decode(wrap(tag(right)))).toThrow(`The ${named} ends within a number.`);
      });
    }
  });
});

test.each<[string, (bytes: Uint8Array) => unknown, (references: Uint8Array) => Uint8Array, string]>([
  ["IndexNode", decodeIndexNode, (references) => references, "0a00"],
  ["Level", decodeRemoteLog, (references) => fieldBytes(102, references), "1a00"],
])(
  "a reference too many of a message %s is refused there, before the rest is read",
  (message, decode, wrap, one) => {
    const references = pack([fromHex(one.repeat(257)), Uint8Array.of(0xff)]);
    expect(() => decode(wrap(references))).toThrow(
      `The field address of message ${message} has more than 256 elements, which is the most accepted.`,
    );
  },
);

test("a genesis record that lacks a setting, or has more bytes than any, is refused for just that", () => {
  // Version and signing key, and then the leaf size and the fan-out, or one of them.
  const begin = pack([fromHex("08011220"), hash]);
  expect(() => decodeGenesis(pack([begin, fromHex("3810")]))).toThrow(
    "The field leafSize of message Genesis is 0, not a power of two from 1 to 65536.",
  );
  expect(() => decodeGenesis(pack([begin, fromHex("3010")]))).toThrow(
    "The field fanOut of message Genesis is 0, not a power of two from 2 to 256.",
  );
  expect(() => decodeGenesis(new Uint8Array(1025))).toThrow("has 1025 bytes, and at most 1024 are accepted");
  expect(() => encodeGenesis({ ...soundGenesis, leafSize: 1.5 })).toThrow(
    "The field leafSize of message Genesis is 1.5",
  );
});

test("a genesis record whose contents are padded in a way that means nothing, or in a public log, is refused for just that", () => {
  const record = (end: string): Uint8Array => pack([fromHex("08011220"), hash, fromHex(end)]);
  expect(decodeGenesis(record("301038024801"))).toMatchObject({ visibility: "private", unpadded: true });
  expect(() => decodeGenesis(record("301038024802"))).toThrow(
    "The field unpadded of message Genesis holds 2, which means nothing.",
  );
  expect(() => decodeGenesis(record("3010380248014801"))).toThrow("The field unpadded of message Genesis");
  const open = "The field unpadded of message Genesis is set, and a public log seals nothing.";
  expect(() => decodeGenesis(record("2801301038024801"))).toThrow(open);
  expect(() => encodeGenesis({ ...soundGenesis, visibility: "public", unpadded: true })).toThrow(open);
  expect(() => encodeGenesis({ ...soundGenesis, visibility: "public" })).not.toThrow();
});

const references = {
  addresses: new Array<Uint8Array>(257).fill(hash),
  hashes: new Uint8Array(257 * 32),
};

const log: WireRemoteLog = { pairs: [], tail: none, genesis: none, checkpoint: none, levels: [], head: none };
const level: WireLevel = { node: none, peaks: none, addresses: [], hashes: none };
const message: MvdsMessage = { groupId: hash, timestamp: 1n, body: hash, parents: [], ephemeral: false };
const page = (part: Partial<WireRemoteLog>) => (): unknown => encodeRemoteLog({ ...log, ...part });

test.each<[string, () => unknown]>([
  ["field hashes of message IndexNode", () => encodeIndexNode({ addresses: [hash], hashes: none })],
  ["field address of message IndexNode has 257 elements", () => encodeIndexNode(references)],
  ["field address of message Level has 257 elements", page({ levels: [{ ...level, ...references }] })],
  [
    "field pair of message RemoteLog",
    page({
      pairs: new Array(65_537).fill({
        remoteHash: none,
        localHash: none,
        data: none,
        contentHash: undefined,
      }),
    }),
  ],
  ["field level of message RemoteLog", page({ levels: new Array<WireLevel>(17).fill(level) })],
  ["field tail of message RemoteLog", page({ tail: new Uint8Array(129) })],
  ["field head of message RemoteLog", page({ head: new Uint8Array(129) })],
  ["field remoteId of message RemoteLog has 15 bytes", page({ remoteId: new Uint8Array(15) })],
  ["field remoteId of message RemoteLog has 0 bytes", page({ remoteId: none })],
  ["field timestamp of message Message", () => mvdsMessageId({ ...message, timestamp: 2n ** 63n })],
  [
    "field parents of message Metadata has 257 elements",
    () => encodeMvdsMessage({ ...message, parents: new Array<Uint8Array>(257).fill(hash) }),
  ],
])("what can't be encoded is named: %s", (named, encode) => {
  expect(encode).toThrow(`The ${named}`);
});
