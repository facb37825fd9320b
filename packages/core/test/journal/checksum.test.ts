// The checksum of a record: damage is noticed, and so is a record under another key.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { withChecksum, withoutChecksum } from "../../src/journal/checksum.ts";
import { text } from "../writer/log-contents.ts";

const key = text("e1");

test("a value is stored as it is, with eight bytes of the SHA-256 of its key and itself behind it", () => {
  expect(withChecksum(key, text("value"))).toEqual(
    Uint8Array.of(...text("value"), ...sha256(text("e1value")).subarray(0, 8)),
  );
});

test("a value in parts is stored as if they were joined", () => {
  const parts = [text("va"), new Uint8Array(0), text("lue")];
  expect(withChecksum(key, ...parts)).toEqual(withChecksum(key, text("value")));
});

test("long records are stored as short ones, and one is not mixed up with the one before it", () => {
  for (const length of [3000, 2046, 2047, 1, 2045, 0, 3000]) {
    const value = new Uint8Array(length).fill(length);
    const sum = sha256(Uint8Array.of(...key, ...value)).subarray(0, 8);
    expect(withChecksum(key, value)).toEqual(Uint8Array.of(...value, ...sum));
  }
});

test("every value comes back, and not if one bit of it is wrong or it lies under another key", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(), fc.nat(7), (value, place, bit) => {
      const stored = withChecksum(key, value);
      expect(withoutChecksum(key, stored)).toEqual(value);
      expect(withoutChecksum(text("e2"), stored)).toBeUndefined();
      stored[place % stored.length]! ^= 1 << bit;
      expect(withoutChecksum(key, stored)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test("what is too short for a checksum, or longer than its value, is damaged", () => {
  const stored = withChecksum(key, new Uint8Array(0));
  expect(withoutChecksum(key, stored)).toEqual(new Uint8Array(0));
  for (let length = 0; length < 8; length++)
    expect(withoutChecksum(key, stored.subarray(0, length))).toBeUndefined();
  expect(withoutChecksum(key, Uint8Array.of(...stored, 0))).toBeUndefined();
});
