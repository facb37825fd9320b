// A seed behind a passphrase.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { encryptWithPassphrase } from "../../src/age/age-file.ts";
import { generateSeed } from "../../src/crypto/index.ts";
import { isSealedSeed, openSeed, sealSeed } from "../../src/crypto/sealed-seed.ts";

const seed = generateSeed();
const fast = { workFactor: 3 };

afterEach(() => vi.restoreAllMocks());

test("the passphrase opens what it sealed, and no other does", async () => {
  const sealed = await sealSeed(seed, "orbit velvet canyon", fast);
  expect(isSealedSeed(sealed)).toBe(true);
  expect(isSealedSeed(Buffer.from(seed).toString("hex"))).toBe(false);
  expect(sealed).not.toContain(Buffer.from(seed).toString("hex").slice(0, 8));
  expect(await openSeed(sealed, "orbit velvet canyon")).toEqual(seed);
  expect(await openSeed(`\n${sealed.replaceAll("\n", "\r\n")}`, "orbit velvet canyon")).toEqual(seed);
  for (const wrong of ["Orbit velvet canyon", "orbit velvet canyon ", "x"])
    expect(await failure(openSeed(sealed, wrong))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "wrong-passphrase",
    });
  // Each time another salt.
  expect(await sealSeed(seed, "orbit velvet canyon", fast)).not.toBe(sealed);
});

test("what is damaged, or something else, is no seed", async () => {
  const sealed = await sealSeed(seed, "p", fast);
  const lines = sealed.split("\n");
  const swapped = [
    ...lines.slice(0, -3),
    lines.at(-3)!.replace(/^./, (one) => (one === "A" ? "B" : "A")),
    ...lines.slice(-2),
  ];
  const digits = Buffer.from(seed).toString("hex");
  for (const text of [
    "",
    "x",
    sealed.slice(0, 100),
    swapped.join("\n"),
    `x${digits}`,
    `${digits}0`,
    sealed.repeat(10),
    "x".repeat(5000),
  ])
    expect(await failure(openSeed(text, "p"))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "not-a-seed",
    });
});

test("an age file with something else in it is no seed, and the message says so", async () => {
  const other = await encryptWithPassphrase("p", new TextEncoder().encode("hello"), 3);
  expect(await failure(openSeed(other, "p"))).toMatchObject({
    reason: "not-a-seed",
    message: expect.stringContaining("something else in it"),
  });
});

test("a sealed seed has at most 4096 characters", async () => {
  const sealed = await sealSeed(seed, "p", fast);
  expect(await openSeed(sealed.padStart(4096), "p")).toEqual(seed);
  expect(await failure(openSeed(sealed.padStart(4097), "p"))).toMatchObject({ reason: "not-a-seed" });
});

test("nobody is asked for the passphrase of what is no seed", async () => {
  expect(await failure(openSeed("hello"))).toMatchObject({ reason: "not-a-seed" });
});

test("a seed is opened with a passphrase if it is sealed, and only then", async () => {
  const digits = Buffer.from(seed).toString("hex");
  expect(await openSeed(` ${digits.toUpperCase()}\n`)).toEqual(seed);
  expect(await failure(openSeed(digits, "p"))).toMatchObject({ reason: "not-sealed" });
  const sealed = await sealSeed(seed, "p", fast);
  expect(await failure(openSeed(sealed, undefined, { name: "the seed of Alice" }))).toMatchObject({
    reason: "passphrase-needed",
    message: expect.stringContaining("the seed of Alice is sealed"),
  });
});

test("a file that asks for the work of hours is not opened", async () => {
  const sealed = await sealSeed(seed, "p", fast);
  const bytes = Buffer.from(sealed.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
  const heavy = Buffer.from(bytes.replace(/ 3\n/, " 21\n"), "latin1").toString("base64");
  const armored = `-----BEGIN AGE ENCRYPTED FILE-----\n${heavy.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END AGE ENCRYPTED FILE-----\n`;
  expect(await failure(openSeed(armored, "p"))).toMatchObject({ reason: "not-a-seed" });
});

test("a seed, a passphrase and a work factor that can't be used are refused", async () => {
  expect(await failure(sealSeed(seed, "", fast))).toMatchObject({ reason: "empty-passphrase" });
  expect(await failure(openSeed("x", ""))).toMatchObject({ reason: "empty-passphrase" });
  for (const workFactor of [0, 21, 1.5])
    expect(await failure(sealSeed(seed, "p", { workFactor }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(await failure(sealSeed(seed.subarray(1), "p"))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  for (const wrong of [5, undefined]) {
    expect(await failure(sealSeed(seed, wrong as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(await failure(openSeed(wrong as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("the work factor may be anything from 1 to 20", async () => {
  expect(await openSeed(await sealSeed(seed, "p", { workFactor: 1 }), "p")).toEqual(seed);
  // That of 20 takes seconds and a GiB of memory: it ends as soon as sealing begins.
  const stopped = new Error("no random numbers");
  vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation(() => {
    throw stopped;
  });
  expect(await failure(sealSeed(seed, "p", { workFactor: 20 }))).toBe(stopped);
});
