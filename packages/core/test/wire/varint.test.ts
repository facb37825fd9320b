import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInputError, MalformedError } from "../../src/errors/index.ts";
import { readVarint, varintBytes } from "../../src/wire/varint.ts";
import { fromHex } from "./hex.ts";

test("every whole number up to 2^53 - 1 is read back from its varint", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(70_000)), (value) => {
      const bytes = varintBytes(value);
      expect(readVarint(bytes, 0, "number")).toEqual({ value, end: bytes.length });
    }),
  );
});

test("the largest number takes eight bytes", () => {
  expect(varintBytes(Number.MAX_SAFE_INTEGER)).toEqual(fromHex("ffffffffffffff0f"));
});

test.each([
  ["", "ends within"],
  ["80", "ends within"],
  ["8000", "shortest form"],
  ["818000", "shortest form"],
  ["ffffffffffffff1f", "over 2^53 - 1"],
  ["ffffffffffffffff01", "over 2^53 - 1"],
  ["808080808080808000", "over 2^53 - 1"],
])("the bytes %s are no varint and are refused", (hex, why) => {
  expect(() => readVarint(fromHex(hex), 0, "number")).toThrow(MalformedError);
  expect(() => readVarint(fromHex(hex), 0, "number")).toThrow(why);
});

test.each([-1, 0.5, 2 ** 53, Number.NaN])("the number %d has no varint here", (value) => {
  expect(() => varintBytes(value)).toThrow(InvalidInputError);
});
