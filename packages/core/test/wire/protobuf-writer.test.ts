import { expect, test } from "vitest";
import { InvalidInputError } from "../../src/errors/index.ts";
import { ProtobufWriter } from "../../src/wire/protobuf-writer.ts";
import { toHex } from "./hex.ts";

function written(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter("Test", 0);
  write(writer);
  return toHex(writer.finish());
}

test("empty bytes, zero and false are left out", () => {
  const nothing = written((writer) => {
    writer.bytes(1, new Uint8Array(0));
    writer.uint32(2, 0);
    writer.int64(3, 0n);
    writer.bool(4, false);
  });
  expect(nothing).toBe("");
});

test("elements of a repeated field are kept, also empty ones", () => {
  const twice = written((writer) => {
    writer.element(1, new Uint8Array(0));
    writer.element(1, new Uint8Array(0));
  });
  expect(twice).toBe("0a000a00");
});

test("a message within a message has its length before it, however many bytes that takes", () => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
    const inner = new ProtobufWriter("Inner");
    inner.bytes(1, new Uint8Array(length).fill(5));
    const expected = written((writer) => {
      writer.element(7, inner.finish());
      writer.bool(8, true);
    });
    const actual = written((writer) => {
      writer.message(7, new Uint8Array(length).fill(5), (within, value) => within.bytes(1, value));
      writer.bool(8, true);
    });
    expect(actual).toBe(expected);
  }
});

test.each([1, 127, 128, 300, 2 ** 31, 2 ** 32 - 1])("the number %d is written as a varint", (value) => {
  let rest = BigInt(value);
  let expected = "08";
  for (; rest >= 128n; rest >>= 7n) expected += (Number(rest & 127n) | 128).toString(16).padStart(2, "0");
  expected += Number(rest).toString(16).padStart(2, "0");
  expect(written((writer) => writer.uint32(1, value))).toBe(expected);
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])("the number %d is no uint32 and is refused", (value) => {
  expect(() => written((writer) => writer.uint32(1, value))).toThrow(InvalidInputError);
});

test("a negative int64 takes ten bytes", () => {
  expect(written((writer) => writer.int64(1, -1n))).toBe("08ffffffffffffffffff01");
});

test("fields out of order are refused", () => {
  const writer = new ProtobufWriter("Test");
  writer.bool(2, true);
  expect(() => writer.bool(1, true)).toThrow(InvalidInputError);
});

test("fields out of order after a message within are refused", () => {
  const writer = new ProtobufWriter("Test");
  writer.message(2, true, (within, value) => within.bool(1, value));
  expect(() => writer.bool(1, true)).toThrow(InvalidInputError);
});

test("what was finished holds on to no more memory than its own bytes", () => {
  const writer = new ProtobufWriter("Test", 4096);
  writer.bool(1, true);
  expect(writer.finish().buffer.byteLength).toBe(2);
});

test("errors name the message", () => {
  const writer = new ProtobufWriter("Test");
  expect(() => writer.uint32(3, -1)).toThrow(
    "The field 3 of message Test takes a number from 0 to 2^32 - 1, not -1.",
  );
});

test("a number is written whole, however little room is left for it", () => {
  for (let length = 0; length < 40; length++) {
    const writer = new ProtobufWriter("Test", 0);
    writer.element(1, new Uint8Array(length));
    writer.int64(2, -1n);
    expect(toHex(writer.finish()).slice(2 * (length + 2))).toBe("10ffffffffffffffffff01");
  }
});
