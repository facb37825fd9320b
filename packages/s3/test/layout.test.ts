import { addressOf, rawSha256 } from "@remote-log/core";
import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { addressOfKey, contentKey, contentPrefix, hexOf, nameKey, probeKey } from "../src/layout.ts";

const address = await addressOf(bytes("hello"), rawSha256);
const hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

test("keys without a prefix begin with what they are", () => {
  expect(contentKey("", address.digest)).toBe(`contents/${hex}`);
  expect(contentPrefix("")).toBe("contents/");
  expect(nameKey("", "hello")).toBe(`names/${hex}`);
  expect(probeKey("")).toBe("probe");
});

test("keys with a prefix begin with it and a slash", () => {
  expect(contentKey("a/b", address.digest)).toBe(`a/b/contents/${hex}`);
  expect(contentPrefix("a/b")).toBe("a/b/contents/");
  expect(nameKey("a/b", "hello")).toBe(`a/b/names/${hex}`);
  expect(probeKey("a/b")).toBe("a/b/probe");
});

test.each(["", "a/b"])("the key of a content gives its address back (prefix %j)", (prefix) => {
  expect(addressOfKey(prefix, contentKey(prefix, address.digest))?.equals(address)).toBe(true);
});

test.each([
  `names/${hex}`,
  `contemps/${hex}`,
  `a/contents/${hex}`,
  `contents/a${hex}`,
  `contents/${hex}a`,
  `contents/${hex}/a`,
  `contents/${hex.slice(1)}`,
  `contents/${hex.toUpperCase()}`,
  "contents/",
  "",
])("the key %j is that of no content", (key) => {
  expect(addressOfKey("", key)).toBeUndefined();
});

test("bytes are two small digits each", () => {
  expect(hexOf(Uint8Array.of(0, 1, 15, 16, 255))).toBe("00010f10ff");
});
