import { expect, test } from "vitest";
import { decodeStrictly, encodeStrictly } from "../../src/wire/cbor.ts";

test("what is encoded is decoded to the same", () => {
  const value = [1, "text", new Uint8Array([1, 2]), true, null, [[], 2 ** 40]];
  expect(decodeStrictly(encodeStrictly(value), "A value")).toEqual(value);
});

test.each<[string, readonly number[]]>([
  ["a number that is longer than it has to be", [0x18, 0x01]],
  ["a list without a length", [0x9f, 0x01, 0xff]],
  ["undefined", [0xf7]],
  ["a number that is not exact", [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ["what is no number", [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
  ["what is without end", [0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]],
  ["one key twice", [0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x01]],
  ["a tag", [0xc1, 0x01]],
  ["less than it says", [0x82, 0x01]],
  ["more than one value", [0x01, 0x01]],
  ["nothing", []],
])("%s is refused, and the error says what it was to be, and why", (_, bytes) => {
  expect(() => decodeStrictly(Uint8Array.from(bytes), "A letter")).toThrow(
    expect.objectContaining({
      code: "ERR_MALFORMED",
      message: expect.stringContaining("A letter is no CBOR."),
      cause: expect.any(Error),
    }),
  );
});
