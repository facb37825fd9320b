import fc from "fast-check";
import { base32 } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { InvalidInputError, MalformedError } from "../../src/errors/index.ts";

const code = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const digest = fc.uint8Array({ minLength: 1, maxLength: 64 });

test("an address is the binary CID, and the text, that the multiformats library makes of the same parts", () => {
  fc.assert(
    fc.property(code, code, digest, (codec, hash, bytes) => {
      const address = Address.create(codec, hash, bytes);
      const cid = CID.createV1(codec, createDigest(hash, bytes));
      expect(address.bytes).toEqual(cid.bytes);
      expect(address.toString()).toBe(cid.toString(base32));
    }),
  );
});

test("an address reads back from its bytes and its text", () => {
  fc.assert(
    fc.property(code, code, digest, (codec, hash, bytes) => {
      const address = Address.create(codec, hash, bytes);
      for (const read of [Address.fromBytes(address.bytes), Address.fromString(address.toString())]) {
        expect(read.equals(address)).toBe(true);
        expect([read.codec, read.hash, read.digest]).toEqual([codec, hash, bytes]);
        expect(read).toEqual(address);
      }
    }),
  );
});

test("an address may have a digest of 64 bytes", () => {
  const address = Address.create(0x55, 0x13, new Uint8Array(64));
  expect(Address.fromBytes(address.bytes)).toEqual(address);
});

test.each([
  ["no digest", []],
  ["a digest of 65 bytes", new Array<number>(65).fill(1)],
])("%s makes no address", (_, bytes) => {
  expect(() => Address.create(0x55, 0x12, new Uint8Array(bytes))).toThrow(InvalidInputError);
});

const digestBytes = [4, 1, 2, 3, 4];

test.each([
  ["nothing", []],
  ["version 0", [0, 0x55, 0x12, ...digestBytes]],
  ["version 2", [2, 0x55, 0x12, ...digestBytes]],
  ["a codec that is not in its shortest form", [1, 0xd5, 0x00, 0x12, ...digestBytes]],
  ["an empty digest", [1, 0x55, 0x12, 0]],
  ["a digest that is cut short", [1, 0x55, 0x12, 4, 1, 2, 3]],
  ["something after the digest", [1, 0x55, 0x12, ...digestBytes, 5]],
  ["a digest of 65 bytes", [1, 0x55, 0x12, 65, ...new Array<number>(65).fill(1)]],
])("bytes with %s are no address", (_, bytes) => {
  expect(() => Address.fromBytes(new Uint8Array(bytes))).toThrow(MalformedError);
});

test("the text of an address is accepted in its one form only", () => {
  const text = Address.create(0x55, 0x12, new Uint8Array(32)).toString();
  const others = [text.toUpperCase(), text.slice(1), `${text}a`, `${text}=`, `z${text.slice(1)}`, "", "b"];
  for (const other of others) expect(() => Address.fromString(other), other).toThrow(MalformedError);
});

test("an address does not change with the bytes that it was read from", () => {
  const source = Address.create(0x55, 0x12, new Uint8Array(32)).bytes.slice();
  const address = Address.fromBytes(source);
  source.fill(9);
  expect(address.digest).toEqual(new Uint8Array(32));
});
