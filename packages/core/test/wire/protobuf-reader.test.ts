import { expect, test } from "vitest";
import { MalformedError } from "../../src/errors/index.ts";
import { DEFAULT_WIRE_LIMITS } from "../../src/wire/limits.ts";
import { ProtobufReader } from "../../src/wire/protobuf-reader.ts";
import { varintBytes } from "../../src/wire/varint.ts";
import { fromHex } from "./hex.ts";
import { pack } from "./messages.ts";

/** A reader that stands at the first field. */
function at(bytes: Uint8Array): ProtobufReader {
  const reader = new ProtobufReader(bytes, "Test");
  reader.next();
  return reader;
}

test("before the first field, the field is 0", () => {
  expect(new ProtobufReader(fromHex("0801"), "Test").field).toBe(0);
});

test("a message that ends within a tag is refused as such", () => {
  expect(() => at(fromHex("80"))).toThrow("The field number of message Test ends within a number.");
});

test.each([
  ["2^29 - 1 with a wire type that is none", 0xffff_ffff, "has wire type 7"],
  ["2^29", 2 ** 32, "has a field number 536870912"],
])("the field number %s is refused for what is wrong with it", (_, tag, why) => {
  expect(() => at(varintBytes(tag))).toThrow(MalformedError);
  expect(() => at(varintBytes(tag))).toThrow(why);
});

test("the largest uint32 is read, and the number after it is refused", () => {
  expect(at(fromHex("08ffffffff0f")).uint32Once("number", undefined)).toBe(0xffff_ffff);
  expect(() => at(fromHex("088080808010")).uint32Once("number", undefined)).toThrow("over 2^32 - 1");
});

test("without limits, the default ones apply", () => {
  const most = new ProtobufReader(fromHex("0801".repeat(DEFAULT_WIRE_LIMITS.maxUnknownFields)), "Test");
  while (most.next()) most.skip();
  const more = new ProtobufReader(fromHex("0801".repeat(DEFAULT_WIRE_LIMITS.maxUnknownFields + 1)), "Test");
  expect(() => {
    while (more.next()) more.skip();
  }).toThrow("is unknown, after 1024 others");
  expect(() => new ProtobufReader(new Uint8Array(DEFAULT_WIRE_LIMITS.maxBytes + 1), "Test")).toThrow(
    MalformedError,
  );
});

test("an empty field holds on to nothing of the message that it was in", () => {
  const message = pack([fromHex("0a00"), new Uint8Array(1000)]);
  expect(at(message).bytes("content").buffer).not.toBe(message.buffer);
});
