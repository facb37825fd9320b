// The message Bundle, and the bundles of an index node, byte by byte.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeWireBundle, encodeWireBundle, type WireBundle } from "../../src/wire/bundle-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { fromHex, toHex } from "./hex.ts";
import { unknownFields } from "./messages.ts";

const bundle: WireBundle = { first: 8, address: Uint8Array.of(0xaa, 0xbb), lengths: [1, 300] };
const hex = "08081202aabb1a0301ac02";
const hash = new Uint8Array(32).fill(7);

const malformed = (message: string) =>
  expect.objectContaining({ code: "ERR_MALFORMED", message: `The ${message}.` });
const invalid = (message: string) =>
  expect.objectContaining({ code: "ERR_INVALID_INPUT", message: `The ${message}.` });

test("a bundle is its first page, its address, and one varint a page, joined", () => {
  expect(toHex(encodeWireBundle(bundle))).toBe(hex);
  expect(decodeWireBundle(fromHex(hex))).toEqual(bundle);
});

test("the first page of a node is left out, as proto3 has it", () => {
  expect(toHex(encodeWireBundle({ ...bundle, first: 0 }))).toBe("1202aabb1a0301ac02");
  expect(decodeWireBundle(fromHex("1202aabb1a0301ac02"))).toEqual({ ...bundle, first: 0 });
});

test("what is encoded is read back, whatever fields are not known beside it", () => {
  const bundles = fc.record({
    first: fc.nat(0xffff_ffff),
    address: fc.uint8Array({ minLength: 1, maxLength: 128 }),
    lengths: fc.array(fc.oneof(fc.nat(200), fc.maxSafeNat()), { maxLength: 9 }),
  });
  fc.assert(
    fc.property(bundles, unknownFields, (value, others) => {
      expect(decodeWireBundle(Uint8Array.of(...others, ...encodeWireBundle(value)))).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test.each<[string, Partial<WireBundle>]>([
  ["field address of message Bundle is empty", { address: new Uint8Array(0) }],
  [
    "field address of message Bundle has 129 bytes, and at most 128 are accepted",
    { address: new Uint8Array(129) },
  ],
  [
    "field lengths of message Bundle has 257 elements, and at most 256 are accepted",
    { lengths: new Array<number>(257).fill(1) },
  ],
  ["field 1 of message Bundle takes a number from 0 to 2^32 - 1, not 4294967296", { first: 2 ** 32 }],
])("not encoded: the %s", (message, part) => {
  expect(() => encodeWireBundle({ ...bundle, ...part })).toThrow(invalid(message));
});

test("the largest that is accepted", () => {
  const largest = {
    first: 0xffff_ffff,
    address: new Uint8Array(128),
    lengths: new Array<number>(256).fill(1),
  };
  expect(decodeWireBundle(encodeWireBundle(largest))).toEqual(largest);
});

test.each([
  ["field address of message Bundle is empty", ""],
  ["field address of message Bundle is empty", "08011a0101"],
  [
    "field address of message Bundle has 129 bytes, and at most 128 are accepted",
    `128101${"00".repeat(129)}`,
  ],
  [
    "field lengths of message Bundle has 257 elements, and at most 256 are accepted",
    `1201aa1a8102${"01".repeat(257)}`,
  ],
  ["field first of message Bundle is there twice", `${hex}0808`],
  ["field address of message Bundle is there twice", `${hex}1201aa`],
  ["field lengths of message Bundle is there twice", `${hex}1a0101`],
  ["field first of message Bundle is encoded as length-delimited, not as a varint", "0a0101"],
  ["field address of message Bundle is encoded as a varint, not as length-delimited", "1001"],
  ["field lengths of message Bundle is encoded as a varint, not as length-delimited", "1801"],
  ["field lengths of message Bundle ends within a number", "1201aa1a0280ff"],
  ["field lengths of message Bundle holds a number that is not in its shortest form", "1201aa1a028000"],
])("not accepted: the %s (%s)", (message, bytes) => {
  expect(() => decodeWireBundle(fromHex(bytes))).toThrow(malformed(message));
});

describe("in an index node", () => {
  const node = { addresses: [Uint8Array.of(1)], hashes: hash };
  const encoded = toHex(encodeIndexNode(node));

  test("they come after the hashes, in their order", () => {
    const bundles = [fromHex(hex), Uint8Array.of(9)];
    const bytes = encodeIndexNode({ ...node, bundles });
    expect(toHex(bytes)).toBe(`${encoded}1a0b${hex}1a0109`);
    expect(decodeIndexNode(bytes)).toEqual({ ...node, bundles });
  });

  test("one is kept, and a node with none has no such field", () => {
    const one = { ...node, bundles: [Uint8Array.of(9)] };
    expect(decodeIndexNode(encodeIndexNode(one))).toEqual(one);
    expect(decodeIndexNode(encodeIndexNode(node))).toStrictEqual(node);
  });

  test("there are at most as many as references", () => {
    const bytes = fromHex(`${encoded}1a01091a0109`);
    expect(decodeIndexNode(bytes, { maxReferences: 2 }).bundles).toHaveLength(2);
    expect(() => decodeIndexNode(bytes, { maxReferences: 1 })).toThrow(
      malformed("field bundle of message IndexNode has more than 1 elements, which is the most accepted"),
    );
    expect(() => decodeIndexNode(fromHex(`${encoded}1801`))).toThrow(
      malformed("field bundle of message IndexNode is encoded as a varint, not as length-delimited"),
    );
  });
});
