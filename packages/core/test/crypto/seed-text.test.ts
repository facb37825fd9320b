// A seed as text, as files keep it.

import { failure } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DeviceSeed, generateSeed } from "../../src/crypto/index.ts";
import { openSeed, openWriterSeed, sealSeed } from "../../src/crypto/sealed-seed.ts";
import { readSeedText, seedText } from "../../src/crypto/seed-text.ts";

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const hash = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const device = new DeviceSeed(seed, { generation: 7, recoveryKeyHash: hash });

const digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const hashDigits = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0";

/** What a device seed is made of. */
function partsOf(read: Uint8Array | DeviceSeed | undefined): object {
  expect(read).toBeInstanceOf(DeviceSeed);
  const { generation, recoveryKeyHash } = read as DeviceSeed;
  return { seed: (read as DeviceSeed).toBytes(), generation, recoveryKeyHash };
}

test("a seed is 64 hexadecimal digits, and that of a device says its generation and the recovery key's hash", () => {
  expect(seedText(seed)).toBe(digits);
  expect(seedText(device)).toBe(`device-seed-v1:7:${digits}:${hashDigits}`);
});

test("whatever is written is read again, in upper case and with white space around it", () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat(255), (own, recoveryKeyHash, generation) => {
      expect(readSeedText(seedText(own))).toEqual(own);
      const text = seedText(new DeviceSeed(own, { generation, recoveryKeyHash }));
      for (const written of [text, `\n ${text} \r\n`, text.toUpperCase()])
        expect(partsOf(readSeedText(written))).toEqual({ seed: own, generation, recoveryKeyHash });
    }),
  );
  expect(readSeedText(` ${digits.toUpperCase()}\n`)).toEqual(seed);
});

test("nothing else is a seed", () => {
  const text = seedText(device);
  for (const other of [
    "",
    digits.slice(1),
    `${digits}0`,
    `x${digits}`,
    `${digits}x`,
    `${digits}\n${digits}`,
    `x${text}`,
    `${text}0`,
    `${text}x`,
    text.replace("v1", "v2"),
    text.replace(":7:", ":07:"),
    text.replace(":7:", ":-1:"),
    text.replace(":7:", "::"),
    text.replace(":7:", ":256:"),
    text.replace(":7:", ":1000:"),
    text.replace(digits, digits.slice(1)),
    text.slice(0, -1),
    text.replace(`:${hashDigits}`, ""),
  ])
    expect(readSeedText(other), other).toBeUndefined();
  expect(partsOf(readSeedText(text.replace(":7:", ":255:")))).toMatchObject({ generation: 255 });
});

test("a seed of another length has no text", () => {
  const refusal = { code: "ERR_INVALID_INPUT", operation: "seed.format" };
  expect(() => seedText(new Uint8Array(31))).toThrow(expect.objectContaining(refusal));
});

test("the seed of a device is opened with the passphrase that it was sealed with, and is not taken for that of a log", async () => {
  const sealed = await sealSeed(device, "p", { workFactor: 2 });
  expect(partsOf(await openWriterSeed(sealed, "p"))).toEqual({ seed, generation: 7, recoveryKeyHash: hash });
  expect(partsOf(await openWriterSeed(`${seedText(device)}\n`))).toMatchObject({ generation: 7 });
  expect(await failure(openWriterSeed(seedText(device), "p"))).toMatchObject({ reason: "not-sealed" });
  for (const refused of [openSeed(sealed, "p", { name: "Alice's seed" }), openSeed(seedText(device))])
    expect(await failure(refused)).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "seed.open",
      reason: "device-seed",
    });
  expect(await failure(openSeed(sealed, "p", { name: "Alice's seed" }))).toMatchObject({
    message: expect.stringContaining("should be Alice's seed is the seed of a device"),
  });
  expect(await failure(openSeed(seedText(device)))).toMatchObject({
    message: expect.stringContaining("should be the seed is the seed of a device"),
  });
  expect(await failure(openWriterSeed("x"))).toMatchObject({
    reason: "not-a-seed",
    message: expect.stringContaining("What should be the seed is neither"),
  });
  const plain = generateSeed();
  expect(await openWriterSeed(await sealSeed(plain, "p", { workFactor: 2 }), "p")).toEqual(plain);
});
