import { createHash } from "node:crypto";
import { mvdsMessageId } from "@remote-log/core";
import { decodePayload, encodePayload, type Payload, type PayloadLimits } from "@remote-log/mvds";
import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, test } from "vitest";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const idText = (byte: number): string => byte.toString(16).padStart(2, "0").repeat(32);

const MESSAGE = {
  groupId: id(0x22),
  timestamp: 1_700_000_000n,
  body: bytes("6869"),
  parents: [id(0x33)],
  ephemeral: true,
};
const WHOLE: Payload = {
  acks: [id(0x11), id(0x12)],
  offers: [id(0x44)],
  requests: [id(0x55)],
  messages: [MESSAGE],
};

// Worked out by hand. A tag is the varint of 8 × number + type (2: bytes, 0: a number), so 5001 is 40010 = ca b8 02, and
// 6002 is 48016 = 90 f7 02. The timestamp 1,700,000,000 is 6·2²⁸ + 42·2²¹ + 79·2¹⁴ + 98·2⁷ + 0 = 80 e2 cf aa 06.
const VECTORS = {
  production: `
    ca b8 02 20 ${idText(0x11)} ca b8 02 20 ${idText(0x12)}
    d2 b8 02 20 ${idText(0x44)}
    da b8 02 20 ${idText(0x55)}
    e2 b8 02 5a
      8a f7 02 20 ${idText(0x22)}
      90 f7 02 80 e2 cf aa 06
      9a f7 02 02 6869
      a2 f7 02 24 0a 20 ${idText(0x33)} 10 01`,
  reference: `
    0a 20 ${idText(0x11)} 0a 20 ${idText(0x12)}
    12 20 ${idText(0x44)}
    1a 20 ${idText(0x55)}
    22 52
      0a 20 ${idText(0x22)}
      10 80 e2 cf aa 06
      1a 02 6869
      22 24 0a 20 ${idText(0x33)} 10 01`,
} as const;

test.each(["production", "reference"] as const)(
  "a payload in the dialect %s has the bytes that follow from the standard",
  (dialect) => {
    expect(hex(encodePayload(WHOLE, dialect))).toBe(hex(bytes(VECTORS[dialect])));
    expect(decodePayload(bytes(VECTORS[dialect]), dialect)).toEqual(WHOLE);
  },
);

test("production is the default, and the dialects do not read each other", () => {
  expect(encodePayload(WHOLE)).toEqual(bytes(VECTORS.production));
  expect(decodePayload(bytes(VECTORS.production))).toEqual(WHOLE);
  const nothing = { acks: [], offers: [], requests: [], messages: [] };
  expect(decodePayload(bytes(VECTORS.production), "reference")).toEqual(nothing);
  expect(decodePayload(bytes(VECTORS.reference), "production")).toEqual(nothing);
  expect(() => encodePayload(WHOLE, "other" as "reference")).toThrow(/dialect/);
});

test("offers by group are field 5005, and the reference implementation has none", () => {
  const groupOffers = [{ groupId: id(0x22), messageIds: [id(1), id(2)] }];
  const payload = { acks: [], offers: [], requests: [], messages: [], groupOffers };
  const vector = `ea b8 02 66 0a 20 ${idText(0x22)} 12 20 ${idText(1)} 12 20 ${idText(2)}`;
  expect(hex(encodePayload(payload))).toBe(hex(bytes(vector)));
  expect(decodePayload(bytes(vector))).toEqual(payload);
  expect(() => encodePayload(payload, "reference")).toThrow(/does not exist/);
});

test("the id of a message is SHA-256 of the text, the group, the time in 8 bytes, the lowest first, and the body", () => {
  const preimage = `4d455353414745 5f 4944 ${idText(0x22)} 00f1536500000000 6869`;
  expect(hex(mvdsMessageId(MESSAGE))).toBe(createHash("sha256").update(bytes(preimage)).digest("hex"));
});

test.each([
  ["an ack of 31 bytes", `ca b8 02 1f ${"11".repeat(31)}`],
  ["an offer of 33 bytes", `d2 b8 02 21 ${"11".repeat(33)}`],
  ["an empty request", "da b8 02 00"],
  ["a message without a group", "e2 b8 02 06 9a f7 02 02 6869"],
  ["a message in a message's place that is a number", "e0 b8 02 01"],
  ["a group offer without a group", `ea b8 02 22 12 20 ${idText(1)}`],
  ["an id that is cut short", `ca b8 02 20 ${"11".repeat(31)}`],
  ["a tag that is not in its shortest form", `ca b8 82 00 20 ${idText(0x11)}`],
])("%s is refused with ERR_MALFORMED", (_, text) => {
  expect(() => decodePayload(bytes(text))).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test.each<[keyof PayloadLimits, number]>([
  ["maxBytes", encodePayload(WHOLE).length],
  ["maxIds", 2],
  ["maxMessages", 1],
  ["maxParents", 1],
])("%s is a limit: one less is refused", (name, most) => {
  const payload = encodePayload(WHOLE);
  expect(decodePayload(payload, "production", { [name]: most })).toEqual(WHOLE);
  expect(() => decodePayload(payload, "production", { [name]: most - 1 })).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test.each<[keyof PayloadLimits, number]>([
  ["maxGroupOffers", 2],
  ["maxIds", 3],
])("%s is a limit of offers by group", (name, most) => {
  const groupOffers = [
    { groupId: id(1), messageIds: [id(1), id(2)] },
    { groupId: id(2), messageIds: [id(3)] },
  ];
  const payload = encodePayload({ acks: [], offers: [], requests: [], messages: [], groupOffers });
  expect(decodePayload(payload, "production", { [name]: most }).groupOffers).toEqual(groupOffers);
  expect(() => decodePayload(payload, "production", { [name]: most - 1 })).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test("a field that is not known is skipped, up to a limit", () => {
  const text = `${VECTORS.production} f2 b8 02 01 00 f2 b8 02 01 00`;
  expect(decodePayload(bytes(text), "production", { maxUnknownFields: 2 })).toEqual(WHOLE);
  expect(() => decodePayload(bytes(text), "production", { maxUnknownFields: 1 })).toThrow(/unknown/);
});

test("an id of another length is not encoded", () => {
  const short = [new Uint8Array(31)];
  for (const name of ["acks", "offers", "requests"] as const)
    expect(() => encodePayload({ ...WHOLE, [name]: short })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
});

const anyId = fc.uint8Array({ minLength: 32, maxLength: 32 });
const ids = fc.array(anyId, { maxLength: 4 });
const anyMessage = fc.record({
  groupId: anyId,
  timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  body: fc.uint8Array({ maxLength: 200 }),
  parents: ids,
  ephemeral: fc.boolean(),
});
const anyPayload = fc.record({
  acks: ids,
  offers: ids,
  requests: ids,
  messages: fc.array(anyMessage, { maxLength: 3 }),
});

const PROTO = (first: number, message: number): string => `syntax = "proto3";
  message Payload { repeated bytes acks = ${first}; repeated bytes offers = ${first + 1};
    repeated bytes requests = ${first + 2}; repeated Message messages = ${first + 3}; }
  message Message { bytes group_id = ${message}; int64 timestamp = ${message + 1}; bytes body = ${message + 2};
    Metadata metadata = ${message + 3}; }
  message Metadata { repeated bytes parents = 1; bool ephemeral = 2; }`;

test.each([
  ["production", 5001, 6001],
  ["reference", 1, 1],
] as const)(
  "protobufjs reads what is written in the dialect %s, and writes what is read",
  (dialect, first, message) => {
    const type = protobuf.parse(PROTO(first, message), { keepCase: true }).root.lookupType("Payload");
    fc.assert(
      fc.property(anyPayload, (payload) => {
        const encoded = encodePayload(payload, dialect);
        const theirs = type.toObject(type.decode(encoded), {
          longs: String,
          arrays: true,
          defaults: true,
        }) as {
          acks: Uint8Array[];
          offers: Uint8Array[];
          requests: Uint8Array[];
          messages: {
            group_id: Uint8Array;
            timestamp: string;
            body: Uint8Array;
            metadata: { parents: Uint8Array[]; ephemeral: boolean } | null;
          }[];
        };
        const all = (list: readonly Uint8Array[]): string[] => list.map(hex);
        for (const name of ["acks", "offers", "requests"] as const)
          expect(all(theirs[name])).toEqual(all(payload[name]));
        const plain = theirs.messages.map(({ group_id, timestamp, body, metadata }) => ({
          groupId: hex(group_id),
          timestamp: BigInt(timestamp),
          body: hex(body),
          parents: all(metadata?.parents ?? []),
          ephemeral: metadata?.ephemeral ?? false,
        }));
        expect(plain).toEqual(
          payload.messages.map((ours) => ({
            ...ours,
            groupId: hex(ours.groupId),
            body: hex(ours.body),
            parents: all(ours.parents),
          })),
        );
        expect(decodePayload(encoded, dialect)).toEqual(payload);
      }),
      { numRuns: 25 },
    );
  },
);

test("bytes of a payload that were changed are decoded or refused, nothing else", () => {
  const encoded = encodePayload(WHOLE);
  fc.assert(
    fc.property(fc.nat(encoded.length - 1), fc.nat(255), fc.nat(encoded.length), (at, byte, end) => {
      const changed = encoded.slice(0, end);
      changed[at] = byte;
      try {
        decodePayload(changed);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_MALFORMED" });
      }
    }),
    { numRuns: 300 },
  );
});
