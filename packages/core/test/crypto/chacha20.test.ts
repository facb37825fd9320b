// ChaCha20 and HChaCha20 against the examples of their documents, and against the library.

import { chacha20 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, beginKeyStream, encryptBlocks, hChaCha20 } from "../../src/crypto/chacha20.ts";
import { hchacha20 } from "../log/hchacha20.ts";

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(/[^0-9a-f]/g, ""), "hex"));
const key = Uint8Array.from({ length: 32 }, (_, i) => i);

test("the key stream is that of RFC 8439, section 2.3.2", () => {
  const room = new Uint8Array(2 * BLOCK_BYTES);
  beginKeyStream(key, bytes("000000090000004a00000000"));
  encryptBlocks(new DataView(room.buffer), 1, 2);
  expect(hex(room.subarray(0, BLOCK_BYTES))).toBe("00".repeat(BLOCK_BYTES));
  expect(hex(room.subarray(BLOCK_BYTES))).toBe(
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e" +
      "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
  );
});

test("a subkey is that of draft-irtf-cfrg-xchacha-03, section 2.2.1", () => {
  const subkey = new DataView(new ArrayBuffer(32));
  hChaCha20(key, bytes("000000090000004a0000000031415927"), subkey);
  expect(hex(new Uint8Array(subkey.buffer))).toBe(
    "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
  );
});

test("blocks are encrypted in their place as the library encrypts them, from any of them on", () => {
  const parts = fc.record({
    key: bytesOf(32),
    nonce: bytesOf(12),
    message: bytesOf(5 * BLOCK_BYTES),
    // A room may be a part of a longer one.
    before: fc.nat(9),
    first: fc.nat(2),
    count: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(parts, ({ key, nonce, message, before, first, count }) => {
      const room = new Uint8Array(before + message.length);
      room.set(message, before);
      beginKeyStream(key, nonce);
      encryptBlocks(new DataView(room.buffer, before), first, first + count);
      const expected = Uint8Array.from(message);
      const [from, to] = [first * BLOCK_BYTES, (first + count) * BLOCK_BYTES];
      expected.set(chacha20(key, nonce, message).subarray(from, to), from);
      expect(hex(room.subarray(before))).toBe(hex(expected));
    }),
  );
});

test("a key stream is continued after a part of it", () => {
  const room = new Uint8Array(3 * BLOCK_BYTES);
  const nonce = new Uint8Array(12).fill(9);
  beginKeyStream(key, nonce);
  encryptBlocks(new DataView(room.buffer), 0, 1);
  encryptBlocks(new DataView(room.buffer), 1, 3);
  expect(hex(room)).toBe(hex(chacha20(key, nonce, new Uint8Array(room.length))));
});

test("a subkey is what the steps of the document give", () => {
  fc.assert(
    fc.property(bytesOf(32), bytesOf(16), (key, nonce) => {
      const subkey = new DataView(new ArrayBuffer(32));
      hChaCha20(key, nonce, subkey);
      expect(hex(new Uint8Array(subkey.buffer))).toBe(hex(hchacha20(key, nonce)));
    }),
  );
});
