// A seed behind a passphrase.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { encryptWithPassphrase } from "../../src/age/age-file.ts";
import { generateSeed } from "../../src/crypto/index.ts";
import { isSealedSeed, openSeed, sealSeed } from "../../src/crypto/sealed-seed.ts";

const seed = generateSeed();
const fast = { workFactor: 3 };

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
  const other = await encryptWithPassphrase("p", new TextEncoder().encode("hello"), 3);
  for (const text of [
    "",
    "x",
    sealed.slice(0, 100),
    swapped.join("\n"),
    other,
    sealed.repeat(10),
    "x".repeat(5000),
  ])
    expect(await failure(openSeed(text, "p"))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "not-a-seed",
    });
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
  expect(await failure(sealSeed(seed, 5 as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});
