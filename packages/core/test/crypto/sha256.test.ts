import { createHash } from "node:crypto";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";

test("the chosen SHA-256, the portable one and the system's give the same digest", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const expected = new Uint8Array(createHash("sha256").update(content).digest());
      expect(sha256(content)).toEqual(expected);
      expect(nobleSha256(content)).toEqual(expected);
    }),
  );
});

test("a digest is a plain Uint8Array with memory of its own", () => {
  const one = sha256(new Uint8Array([1]));
  expect(Object.getPrototypeOf(one)).toBe(Uint8Array.prototype);
  sha256(new Uint8Array([2]));
  expect(one).toEqual(sha256(new Uint8Array([1])));
});
