import { encode } from "cborg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEnvelope, encodeEnvelope } from "../../src/wire/envelope.ts";
import { afterKey, afterPrefix, LARGEST_NUMBER, positionFrom, positionKey } from "../../src/wire/position.ts";

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

test.each<[string, unknown, string]>([
  ["null", null, "is not of the form"],
  ["a form that is newer", [2, 1, [], "json", 1, body, []], "is not of the form"],
  ["a part less", [1, 1, [], "json", 1, body], "is not of the form"],
  ["a time that is a text", [1, "1", [], "json", 1, body, []], "has no time"],
  ["a parent that is null", [1, 1, [null], "json", 1, body, []], "has a parent that is none"],
  ["a parent with a part more", [1, 1, [[...parent, 0]], "json", 1, body, []], "has a parent that is none"],
  [
    "a parent with a text for a number",
    [1, 1, [[key, "0"]], "json", 1, body, []],
    "has a parent that is none",
  ],
  [
    "a parent whose log is a text",
    [1, 1, [["x".repeat(32), 0]], "json", 1, body, []],
    "has a parent that is none",
  ],
  ["257 parents", [1, 1, parentsOf(257), "json", 1, body, []], "has no list of parents"],
  ["65 attachments", attached(Array(65).fill([[], 0, 1, key])), "has no list of attachments"],
  ["an attachment that is null", attached([null]), "has an attachment that is none"],
  ["an attachment with a part more", attached([[[], 0, 1, key, 0]]), "has an attachment that is none"],
  ["an attachment of a text of bytes", attached([[[], "0", 1, key]]), "has an attachment that is none"],
  [
    "an attachment with parts of half a byte",
    attached([[[], 0, 0.5, key]]),
    "has an attachment that is none",
  ],
  ["an attachment whose parts are no list", attached([[7, 0, 1, key]]), "has an attachment that is none"],
  [
    "an attachment of 1,025 ranges",
    attached([[rangesOf(1025), 0, 1, key]]),
    "has an attachment that is none",
  ],
  [
    "an attachment whose key is a list",
    attached([[[], 0, 1, Array(32).fill(0)]]),
    "has an attachment without a key",
  ],
  ["a range that is null", attached([[[null], 0, 1, key]]), "with parts that are none"],
  ["a range with a part more", attached([[[[0, 1, 1]], 0, 1, key]]), "with parts that are none"],
  ["a range from a text on", attached([[[["0", 1]], 0, 1, key]]), "with parts that are none"],
  ["a range of a text", attached([[[[0, "1"]], 0, 1, key]]), "with parts that are none"],
  [
    "parents in another order",
    [1, 1, parentsOf(2).reverse(), "json", 1, body, []],
    "is encoded in another way",
  ],
])("an envelope with %s says what is wrong with it", (_, parts, why) => {
  expect(() => decodeEnvelope(encode(parts))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringContaining(why) }),
  );
});

test("an envelope has room for 256 parents, a type of 64 characters, 64 attachments, and 1,024 ranges in each", () => {
  const attachments = Array.from({ length: 64 }, () => [rangesOf(1024), 0, 1, key]);
  const bytes = encode([1, 1, parentsOf(256), "x".repeat(64), 1, body, attachments]);
  const { parents, attachments: found } = decodeEnvelope(bytes);
  expect([parents.length, found.length, found[63]?.parts.length]).toEqual([256, 64, 1024]);
});

test("the key after a key is the very next one", () => {
  expect(afterKey(new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 2, 0]));
  expect(afterPrefix(new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 3]));
});

/** Parents in the order of their logs. */
function parentsOf(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => {
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, i);
    return [id, i];
  });
}

function rangesOf(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => [2 * i, 1]);
}

function attached(attachments: unknown): unknown {
  return [1, 1, [], "json", 1, new Uint8Array([1]), attachments];
}
