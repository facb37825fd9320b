import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import {
  addressOf,
  checkContent,
  type HashType,
  hashTypeOf,
  rawSha256,
} from "../../src/address/hash-type.ts";
import { sha256 } from "../../src/crypto/sha256.ts";

const content = new TextEncoder().encode("hello");
const other: HashType = { ...rawSha256, name: "another kind", codec: 0x70 };
const integrity = { code: "ERR_INTEGRITY" };

test("a content has the address that IPFS gives raw bytes", async () => {
  const address = await addressOf(content, rawSha256);
  expect(address.toString()).toBe("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
  expect(address.digest).toEqual(sha256(content));
});

test("the kind of an address is the one with its codec, its hash function and its length", async () => {
  const address = await addressOf(content, rawSha256);
  expect(hashTypeOf(address, [other, rawSha256])).toBe(rawSha256);
  expect(hashTypeOf(await addressOf(content, other), [rawSha256, other])).toBe(other);
});

test.each([
  ["another codec", Address.create(0x70, 0x12, sha256(content))],
  ["another hash function", Address.create(0x55, 0x1b, sha256(content))],
  ["a shortened digest", Address.create(0x55, 0x12, sha256(content).subarray(0, 20))],
])("an address with %s is refused with ERR_INTEGRITY, whatever it is asked about", async (_, address) => {
  expect(() => hashTypeOf(address, [rawSha256])).toThrow(expect.objectContaining(integrity));
  expect(await failure(checkContent(content, address, [rawSha256]))).toMatchObject(integrity);
});

test("an address is refused by a storage that knows no kind", async () => {
  const address = await addressOf(content, rawSha256);
  expect(() => hashTypeOf(address, [])).toThrow(expect.objectContaining(integrity));
});

test("a content is accepted under its own address alone", async () => {
  const address = await addressOf(content, rawSha256);
  expect(await checkContent(content, address, [rawSha256])).toBeUndefined();
  expect(await failure(checkContent(content.subarray(1), address, [rawSha256]))).toMatchObject(integrity);
});

test("a web page in the place of a content is out of reach, not forged; under its own address it is a content", async () => {
  const page = new TextEncoder().encode("<!doctype html><title>Log in</title>");
  const came = { code: "ERR_UNREACHABLE", reason: "web-page", operation: "storage.get" };
  const asked = await addressOf(content, rawSha256);
  expect(await failure(checkContent(page, asked, [rawSha256]))).toMatchObject(came);
  await checkContent(page, await addressOf(page, rawSha256), [rawSha256]);
});
