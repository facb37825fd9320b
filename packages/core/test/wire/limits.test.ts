import { expect, test } from "vitest";
import { InvalidInputError, MalformedError, UnsupportedError } from "../../src/errors/index.ts";
import { encodeGenesis, type WireGenesis } from "../../src/wire/genesis-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { DEFAULT_WIRE_LIMITS, type WireLimits } from "../../src/wire/limits.ts";
import { decodeMvdsMessage, encodeMvdsMessage, mvdsMessageId } from "../../src/wire/mvds-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WireLevel,
  type WirePair,
  type WireRemoteLog,
} from "../../src/wire/remote-log-message.ts";
import { pack, soundGenesis } from "./messages.ts";

const none = new Uint8Array(0);
const hash = new Uint8Array(32).fill(7);
const pair: WirePair = { remoteHash: none, localHash: hash, data: hash, contentHash: undefined };
const level: WireLevel = { node: none, peaks: none, addresses: [hash, hash], hashes: pack([hash, hash]) };
const log: WireRemoteLog = {
  pairs: [pair, pair],
  tail: hash,
  genesis: none,
  checkpoint: none,
  levels: [level, level],
  head: none,
};
const unknown = Uint8Array.of(0x48, 1, 0x48, 1);
const message = { groupId: hash, timestamp: 1n, body: hash, parents: [hash, hash], ephemeral: false };

const page = pack([encodeRemoteLog(log), unknown]);
const node = encodeIndexNode({ addresses: [hash, hash], hashes: pack([hash, hash]) });

test.each<WireLimits>([
  { maxBytes: page.length },
  { maxPairs: 2 },
  { maxLevels: 2 },
  { maxReferences: 2 },
  { maxAddressBytes: 32 },
  { maxUnknownFields: 2 },
])("a page that just fits %o is decoded", (limits) => {
  expect(decodeRemoteLog(page, limits)).toEqual(log);
});

test.each<WireLimits>([
  { maxBytes: page.length - 1 },
  { maxPairs: 1 },
  { maxLevels: 1 },
  { maxReferences: 1 },
  { maxAddressBytes: 31 },
  { maxUnknownFields: 1 },
])("a page that exceeds %o is refused with ERR_MALFORMED", (limits) => {
  expect(() => decodeRemoteLog(page, limits)).toThrow(MalformedError);
});

test.each<WireLimits>([{ maxBytes: node.length - 1 }, { maxReferences: 1 }, { maxAddressBytes: 31 }])(
  "an index node that exceeds %o is refused with ERR_MALFORMED",
  (limits) => {
    expect(() => decodeIndexNode(node, limits)).toThrow(MalformedError);
  },
);

test.each<WireLimits>([{ maxBytes: 50 }, { maxParents: 1 }])(
  "an MVDS message that exceeds %o is refused with ERR_MALFORMED",
  (limits) => {
    expect(() => decodeMvdsMessage(encodeMvdsMessage(message), limits)).toThrow(MalformedError);
  },
);

test("a page larger than the default limit is refused before it is looked at", () => {
  const bytes = new Uint8Array(DEFAULT_WIRE_LIMITS.maxBytes + 1);
  expect(() => decodeRemoteLog(bytes)).toThrow(`at most ${DEFAULT_WIRE_LIMITS.maxBytes}`);
});

test.each<[string, Partial<WireRemoteLog>]>([
  ["tail", { tail: new Uint8Array(129) }],
  ["head", { head: new Uint8Array(129) }],
  ["pair", { pairs: new Array<WirePair>(65_537).fill(pair) }],
  ["level", { levels: new Array<WireLevel>(17).fill(level) }],
  ["remoteHash", { pairs: [{ ...pair, remoteHash: new Uint8Array(129) }] }],
  ["localHash", { pairs: [{ ...pair, localHash: new Uint8Array(31) }] }],
  ["contentHash", { pairs: [{ ...pair, contentHash: none }] }],
  ["node", { levels: [{ ...level, node: new Uint8Array(129) }] }],
  ["peaks", { levels: [{ ...level, peaks: new Uint8Array(31) }] }],
  ["hashes", { levels: [{ ...level, hashes: hash }] }],
  ["address", { levels: [{ ...level, addresses: new Array<Uint8Array>(257).fill(hash) }] }],
  ["RemoteLog", { genesis: new Uint8Array(DEFAULT_WIRE_LIMITS.maxBytes) }],
])("a page whose %s no reader would accept is not encoded", (name, part) => {
  expect(() => encodeRemoteLog({ ...log, ...part })).toThrow(InvalidInputError);
  expect(() => encodeRemoteLog({ ...log, ...part })).toThrow(name);
});

test("an index node with a hash too few is not encoded", () => {
  expect(() => encodeIndexNode({ addresses: [hash, hash], hashes: hash })).toThrow(InvalidInputError);
});

test.each<Partial<WireGenesis>>([
  { signingKey: new Uint8Array(31) },
  { recoveryKeyHash: new Uint8Array(31) },
  { leafSize: 0 },
  { leafSize: 3 },
  { leafSize: 131_072 },
  { leafSize: 1.5 },
  { leafSize: Number.NaN },
  { fanOut: 1 },
  { fanOut: 512 },
  { fanOut: -2 },
  { identifiers: "sha1" as never },
  { visibility: "secret" as never },
])("a genesis record with %o is not encoded", (part) => {
  expect(() => encodeGenesis({ ...soundGenesis, ...part })).toThrow(InvalidInputError);
});

test.each([0, 2])("a genesis record of version %i is not encoded", (version) => {
  expect(() => encodeGenesis({ ...soundGenesis, version })).toThrow(UnsupportedError);
});

test.each([
  { groupId: new Uint8Array(31) },
  { timestamp: 2n ** 63n },
  { timestamp: -(2n ** 63n) - 1n },
  { parents: [new Uint8Array(31)] },
  { parents: new Array<Uint8Array>(257).fill(hash) },
  { body: new Uint8Array(DEFAULT_WIRE_LIMITS.maxBytes) },
])("an MVDS message that no reader would accept is not encoded (%#)", (part) => {
  expect(() => encodeMvdsMessage({ ...message, ...part })).toThrow(InvalidInputError);
});

test.each([{ groupId: new Uint8Array(33) }, { timestamp: 2n ** 63n }])(
  "an MVDS message that can't be encoded has no id (%#)",
  (part) => {
    expect(() => mvdsMessageId({ ...message, ...part })).toThrow(InvalidInputError);
  },
);

test("the id of an MVDS message does not depend on its metadata", () => {
  const other = { ...message, parents: [], ephemeral: true };
  expect(mvdsMessageId(other)).toEqual(mvdsMessageId(message));
});

test("the limits that apply by default are those of the protocol", () => {
  expect(DEFAULT_WIRE_LIMITS).toEqual({
    maxBytes: 33_554_432,
    maxPairs: 65_536,
    maxLevels: 16,
    maxReferences: 256,
    maxAddressBytes: 128,
    maxParents: 256,
    maxUnknownFields: 1024,
  });
});

test("what just fits the default limits is encoded, and decoded again", () => {
  const levels = new Array<WireLevel>(DEFAULT_WIRE_LIMITS.maxLevels).fill(level);
  expect(decodeRemoteLog(encodeRemoteLog({ ...log, levels })).levels).toHaveLength(levels.length);
  const parents = new Array<Uint8Array>(DEFAULT_WIRE_LIMITS.maxParents).fill(hash);
  expect(decodeMvdsMessage(encodeMvdsMessage({ ...message, parents })).parents).toHaveLength(parents.length);
});

test("a message of as many bytes as are accepted is encoded", () => {
  // The tag and the length of the part that fills it take six and seven bytes.
  const most = DEFAULT_WIRE_LIMITS.maxBytes;
  const empty = { ...log, pairs: [], tail: none, levels: [] };
  expect(encodeRemoteLog({ ...empty, genesis: new Uint8Array(most - 6) })).toHaveLength(most);
  const short = { ...message, timestamp: 0n, parents: [] };
  const rest = encodeMvdsMessage({ ...short, body: none }).length;
  expect(encodeMvdsMessage({ ...short, body: new Uint8Array(most - rest - 7) })).toHaveLength(most);
});
