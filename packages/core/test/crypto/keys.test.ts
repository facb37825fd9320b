import { hkdfSync } from "node:crypto";
import { inspect } from "node:util";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKeys, generateSeed, type LogKeys, signingKeyFromSeed } from "../../src/crypto/index.ts";
import { bytesFromHex, hexFrom, readVectors } from "./vectors.ts";

const labels = ["signing", "ipns", "swarm", "recovery", "read"] as const;
type Label = (typeof labels)[number];
type KeyVector = Record<Label | "seed" | "signingPublic" | "ipnsPublic" | "recoveryPublic", string>;

const vectors = readVectors<KeyVector[]>("keys.json");

test.each(vectors)("the keys of seed $seed stay what they are", async (vector) => {
  const keys = deriveKeys(bytesFromHex(vector.seed));
  for (const label of labels) expect(hexFrom(keys[label]), label).toBe(vector[label]);
  for (const label of ["signing", "ipns", "recovery"] as const) {
    const { publicKey } = await signingKeyFromSeed(keys[label]);
    expect(hexFrom(publicKey), label).toBe(vector[`${label}Public`]);
  }
});

test("the keys are what another implementation of HKDF derives", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      const keys = deriveKeys(seed);
      for (const label of labels) expect(keys[label]).toEqual(expectedKey(seed, label));
    }),
    { numRuns: 50 },
  );
});

test("the five keys of a seed all differ, and those of another seed differ from them", () => {
  const [one, two] = [generateSeed(), generateSeed()].map(deriveKeys) as [LogKeys, LogKeys];
  const all = labels.flatMap((label) => [hexFrom(one[label]), hexFrom(two[label])]);
  expect(new Set(all).size).toBe(10);
});

test("a seed of any length but 32 bytes is refused with ERR_INVALID_INPUT", () => {
  for (const length of [0, 16, 31, 33, 64]) {
    expect(() => deriveKeys(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
  }
});

test("a seed that is no Uint8Array is refused with ERR_INVALID_INPUT, also if it is as long as one", () => {
  for (const seed of ["x".repeat(32), Array.from({ length: 32 }, () => 1), undefined]) {
    expect(() => deriveKeys(seed as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
  }
});

test("a seed that is wiped afterwards still gives the keys", () => {
  const vector = vectors[1]!;
  const seed = bytesFromHex(vector.seed);
  const keys = deriveKeys(seed);
  seed.fill(0);
  expect(hexFrom(keys.read)).toBe(vector.read);
});

test("a key that its reader wipes is whole when it is read again", () => {
  const keys = deriveKeys(generateSeed());
  const before = hexFrom(keys.signing);
  keys.signing.fill(0);
  expect(hexFrom(keys.signing)).toBe(before);
});

describe("no secret shows", () => {
  const vector = vectors[1]!;
  const keys = deriveKeys(bytesFromHex(vector.seed));

  test.each([
    ["inspected", inspect(keys, { depth: 10, showHidden: true, getters: true })],
    ["serialised as JSON", JSON.stringify({ keys })],
    ["turned into text", `${keys}`],
    ["spread", inspect({ ...keys })],
    ["cloned", inspect(structuredClone(keys))],
  ])("when the keys are %s", (_, shown) => {
    expect(shown).not.toMatch(/Uint8Array|\d{2,}/);
    for (const label of labels) expect(shown).not.toContain(vector[label].slice(0, 8));
  });

  test("when a seed is refused", () => {
    const seed = Uint8Array.of(201, 202, 203);
    try {
      deriveKeys(seed);
      expect.unreachable();
    } catch (error) {
      expect(inspect(error)).not.toMatch(/201|c9ca|ycrL/);
    }
  });
});

test("generated seeds have 32 bytes and differ", () => {
  const seeds = Array.from({ length: 50 }, generateSeed);
  expect(seeds.every((seed) => seed.length === 32)).toBe(true);
  expect(new Set(seeds.map(hexFrom)).size).toBe(50);
});

function expectedKey(seed: Uint8Array, label: Label): Uint8Array {
  const length = label === "swarm" ? 48 : 32;
  const bytes = new Uint8Array(hkdfSync("sha256", seed, new Uint8Array(0), `remote-log/v1/${label}`, length));
  // The library reduces 48 bytes in the same way where it makes a key of them.
  return label === "swarm" ? secp256k1.utils.randomSecretKey(bytes) : bytes;
}
