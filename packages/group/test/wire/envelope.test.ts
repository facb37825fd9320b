import { encode } from "cborg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEnvelope, encodeEnvelope } from "../../src/wire/envelope.ts";
import { LARGEST_NUMBER, positionFrom, positionKey } from "../../src/wire/position.ts";

const log = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
const number = fc.integer({ min: 0, max: LARGEST_NUMBER });

test("what is encoded is decoded to the same", () => {
  const envelope = fc.record({
    time: number,
    parents: fc.uniqueArray(fc.record({ log, sequence: number }), {
      maxLength: 5,
      selector: (place) => place.log,
    }),
    type: fc.string({ maxLength: 64 }),
    version: number,
    body: fc.uint8Array({ maxLength: 50 }),
    attachments: fc.array(
      fc.record({
        parts: fc.array(fc.record({ first: number, count: fc.integer({ min: 1, max: 9 }) }), {
          maxLength: 3,
        }),
        bytes: number,
        size: fc.integer({ min: 1, max: LARGEST_NUMBER }),
        key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(envelope, (given) => {
      const sorted = [...given.parents].sort((a, b) => (a.log < b.log ? -1 : 1));
      expect(decodeEnvelope(encodeEnvelope(given))).toEqual({ ...given, parents: sorted });
    }),
  );
});

const body = new Uint8Array([1]);
const key = new Uint8Array(32);
const parent = [new Uint8Array(32), 0];
test.each<[string, unknown]>([
  ["another form", [2, 1, [], "json", 1, body, []]],
  ["a part more", [1, 1, [], "json", 1, body, [], 0]],
  ["no list", { time: 1 }],
  ["a time below zero", [1, -1, [], "json", 1, body, []]],
  ["a time that is too large", [1, 2 ** 48, [], "json", 1, body, []]],
  ["a time that is no whole number", [1, 1.5, [], "json", 1, body, []]],
  ["parents that are no list", [1, 1, 7, "json", 1, body, []]],
  ["a parent with a short log id", [1, 1, [[new Uint8Array(31), 0]], "json", 1, body, []]],
  ["a parent without a number", [1, 1, [[new Uint8Array(32)]], "json", 1, body, []]],
  ["one log twice", [1, 1, [parent, [new Uint8Array(32), 1]], "json", 1, body, []]],
  ["too many parents", [1, 1, Array(257).fill(parent), "json", 1, body, []]],
  ["a long type", [1, 1, [], "x".repeat(65), 1, body, []]],
  ["a type that is no text", [1, 1, [], 5, 1, body, []]],
  ["no version", [1, 1, [], "json", "1", body, []]],
  ["attachments that are no list", [1, 1, [], "json", 1, body, 7]],
  ["too many attachments", [1, 1, [], "json", 1, body, Array(65).fill([[[0, 1]], 1, 1, key])]],
  ["an attachment that is a number", [1, 1, [], "json", 1, body, [7]]],
  ["an attachment with a short key", [1, 1, [], "json", 1, body, [[[[0, 1]], 1, 1, key.subarray(1)]]]],
  ["an attachment with parts of no bytes", [1, 1, [], "json", 1, body, [[[[0, 1]], 1, 0, key]]]],
  ["an attachment with a range of nothing", [1, 1, [], "json", 1, body, [[[[0, 0]], 1, 1, key]]]],
  [
    "an attachment with too many ranges",
    [1, 1, [], "json", 1, body, [[Array(1025).fill([0, 1]), 1, 1, key]]],
  ],
  ["a body that is no bytes", [1, 1, [], "json", 1, "text", []]],
])("an envelope with %s is refused", (_, parts) => {
  expect(() => decodeEnvelope(encode(parts))).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("any other bytes are refused with an error of ours, or mean what they say", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(encodeEnvelope(decodeEnvelope(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_MALFORMED" });
      }
    }),
  );
});

test("keys are in the order of time, log and number", () => {
  const position = fc.record({ time: number, log, sequence: number });
  fc.assert(
    fc.property(position, position, (a, b) => {
      expect(positionFrom(positionKey(a))).toEqual(a);
      const byKey = Buffer.compare(positionKey(a), positionKey(b));
      const expected =
        a.time - b.time || (a.log < b.log ? -1 : a.log > b.log ? 1 : 0) || a.sequence - b.sequence;
      expect(Math.sign(byKey)).toBe(Math.sign(expected));
    }),
  );
});

test.each([0x81, 0x9f, 0xc1, 0xd8])(
  "a million times %d, of which each holds the next, is refused",
  (byte) => {
    expect(() => decodeEnvelope(new Uint8Array(1_000_000).fill(byte))).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  },
);
