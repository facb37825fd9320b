// Poly1305 against the examples of RFC 8439, the library, and the arithmetic of large integers at all of its borders.

import { poly1305 as poly1305OfLibrary } from "@noble/ciphers/_poly1305.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { poly1305 } from "../../src/crypto/poly1305.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const PRIME: bigint = 2n ** 130n - 5n;

/** The tag of whole blocks. What held the key has to hold the tag, and zeros. */
function tagOf(key: Uint8Array, message: Uint8Array): string {
  const room = new Uint8Array(key.length + message.length + 16).fill(0xaa);
  room.set(key);
  room.set(message, key.length);
  poly1305(new DataView(room.buffer), key.length + message.length);
  const after = "00".repeat(16) + hex(message) + "aa".repeat(16);
  if (hex(room.subarray(16)) !== after) throw new Error("The key is left, or the message is changed.");
  return hex(room.subarray(0, 16));
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

function bytesOf(number: bigint, length: number): Uint8Array {
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(2 * length, "0"), "hex")).reverse();
}

/** RFC 8439, section 2.5, word by word. */
function tagByHand(key: Uint8Array, message: Uint8Array): string {
  const r = numberOf(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16)
    sum = ((sum + numberOf(message.subarray(at, at + 16)) + 2n ** 128n) * r) % PRIME;
  return hex(bytesOf((sum + numberOf(key.subarray(16))) % 2n ** 128n, 16));
}

const joined = (...parts: readonly bigint[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => bytesOf(part, 16))));

const ONES: bigint = 2n ** 128n - 1n;
// RFC 8439, A.3, number 7 and those that follow: what earlier implementations got wrong.
const e3 = 0xb9435e50d79435e3n;
const late: bigint = 2n ** 64n + 0xcd79435e50d79433n;
test.each([
  ["7", [2n, 0n], [ONES], 3n],
  ["8", [2n, ONES], [2n], 3n],
  ["9", [1n, 0n], [ONES, ONES - 15n, 0x11n], 5n],
  ["10", [1n, 0n], [ONES, BigInt(`0x${"fe".repeat(15)}fb`), BigInt(`0x${"01".repeat(16)}`)], 0n],
  ["11", [2n, 0n], [ONES - 2n], ONES - 5n],
  ["12", [2n ** 66n + 1n, 0n], [e3, late, 0n, 1n], 0x55n * 2n ** 64n + 0x14n],
  ["13", [2n ** 66n + 1n, 0n], [e3, late, 0n], 0x13n],
])("the tag is that of number %s in RFC 8439, A.3", (_number, key, message, tag) => {
  expect(tagOf(joined(...key), joined(...message))).toBe(hex(bytesOf(tag, 16)));
});

test("a message of nothing has the second half of the key as its tag", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  expect(tagOf(key, new Uint8Array(0))).toBe(hex(key.subarray(16)));
});

test("the tag is what the library gives, of any message and with any key", () => {
  const blocks = fc.integer({ min: 0, max: 20 }).chain((count) => {
    return fc.uint8Array({ minLength: 16 * count, maxLength: 16 * count });
  });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), blocks, (key, message) => {
      expect(tagOf(key, message)).toBe(hex(poly1305OfLibrary(message, key)));
    }),
  );
});

test("every bit counts in the one place where it belongs", () => {
  const bits = Array.from({ length: 128 }, (_, bit) => 2n ** BigInt(bit));
  for (const bit of bits) {
    for (const [key, message] of [
      [joined(ONES, 7n), joined(bit, bit)],
      [joined(bit, 0n), joined(ONES, ONES, ONES)],
      [joined(0n, bit), joined(ONES)],
      [joined(5n, ONES), joined(bit)],
    ] as const) {
      expect(tagOf(key, message)).toBe(tagByHand(key, message));
    }
  }
});

// With 1 for a key, the sum of the blocks is what is left over: so it can be brought to either side of every border.
test("what is left over is right at both sides of the prime, of its multiples, and of every limb", () => {
  const limbs = [0n, 22n, 44n, 66n, 88n, 110n, 128n, 130n].map((bit) => 2n ** bit);
  const borders = [0n, PRIME, 2n * PRIME, 3n * PRIME, ...limbs, ...limbs.map((limb) => PRIME - limb)];
  const wrong: string[] = [];
  for (const border of [...borders, ...limbs.map((limb) => limb / 2n)]) {
    for (let beside = -8n; beside <= 8n; beside++) {
      for (const count of [4, 8]) {
        const message = summingUpTo(border + beside, count);
        for (const key of [joined(1n, ONES), joined(2n, 0n)])
          if (tagOf(key, message) !== tagByHand(key, message)) wrong.push(`${border}${beside}/${count}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

/** Blocks whose sum, with the bit above each of them, is a number or that and a multiple of the prime. */
function summingUpTo(number: bigint, count: number): Uint8Array {
  const [most, above] = [BigInt(count) * ONES, BigInt(count) * 2n ** 128n];
  let rest = (((number - above) % PRIME) + PRIME) % PRIME;
  if (rest > most) rest -= PRIME;
  while (rest + PRIME <= most) rest += PRIME;
  const blocks: bigint[] = [];
  for (let i = 0; i < count; i++) {
    const block = rest > ONES ? ONES : rest;
    blocks.push(block);
    rest -= block;
  }
  return joined(...blocks);
}

test("the largest numbers lose nothing", () => {
  for (const key of [joined(ONES, ONES), joined(ONES, 0n), joined(ONES - 1n, 1n)]) {
    for (const block of [ONES, ONES - 1n, 2n ** 127n, 0x3fffffn, 0n]) {
      for (const count of [1, 2, 3, 64]) {
        const message = joined(...Array.from({ length: count }, () => block));
        expect(tagOf(key, message)).toBe(tagByHand(key, message));
      }
    }
  }
});
