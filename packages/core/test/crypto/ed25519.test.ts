import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nobleEd25519 } from "../../src/crypto/ed25519-noble.ts";
import { webCryptoEd25519 } from "../../src/crypto/ed25519-web-crypto.ts";
import { signingKeyFromSeed, verifySignature } from "../../src/crypto/index.ts";
import type { Ed25519 } from "../../src/crypto/signing-key.ts";
import { bytesFromHex, hexFrom } from "./vectors.ts";

// The vectors of RFC 8032, section 7.1: seed, public key, message, signature.
const rfc8032: readonly (readonly [string, string, string, string])[] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    createHash("sha512").update("abc").digest("hex"),
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
];

const implementations: readonly (readonly [string, Ed25519])[] = [
  ["the Web Cryptography API", webCryptoEd25519],
  ["plain JavaScript", nobleEd25519],
  ["the chosen one", { signingKey: signingKeyFromSeed, verify: verifySignature }],
];

describe.each(implementations)("Ed25519 by %s", (_, ed25519) => {
  test.each(rfc8032)(
    "the vector of RFC 8032 with seed %s is met",
    async (seed, publicKey, message, signature) => {
      const key = await ed25519.signingKey(bytesFromHex(seed));
      expect(hexFrom(key.publicKey)).toBe(publicKey);
      expect(hexFrom(await key.sign(bytesFromHex(message)))).toBe(signature);
      expect(
        await ed25519.verify(bytesFromHex(publicKey), bytesFromHex(message), bytesFromHex(signature)),
      ).toBe(true);
    },
  );

  test("a seed of any length but 32 bytes is refused with ERR_INVALID_INPUT", async () => {
    for (const length of [0, 31, 33, 64]) {
      await expect(ed25519.signingKey(new Uint8Array(length))).rejects.toMatchObject({
        code: "ERR_INVALID_INPUT",
      });
    }
  });

  test("a seed that is wiped afterwards continues signing", async () => {
    const seed = bytesFromHex(rfc8032[1]![0]);
    const opening = ed25519.signingKey(seed);
    seed.fill(0);
    const key = await opening;
    expect(hexFrom(await key.sign(bytesFromHex(rfc8032[1]![2])))).toBe(rfc8032[1]![3]);
  });

  test("keys and signatures of any other length are no good, and no error", async () => {
    const [, publicKey, message, signature] = rfc8032[1]!.map(bytesFromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    for (const length of [0, 1, 31, 33, 64]) {
      expect(await ed25519.verify(resized(publicKey, length), message, signature)).toBe(false);
    }
    for (const length of [0, 1, 32, 63, 65, 128]) {
      expect(await ed25519.verify(publicKey, message, resized(signature, length))).toBe(false);
    }
  });

  test("a signing key that is printed or serialised shows no secret", async () => {
    const seed = bytesFromHex(rfc8032[0]![0]);
    const key = await ed25519.signingKey(seed);
    const shown = inspect(key, { depth: 10, showHidden: true, getters: true }) + JSON.stringify(key);
    expect(shown).not.toMatch(/9d\W*61\W*b1/i);
    expect(shown).not.toMatch(/157,\D*97,\D*177/);
    expect(shown).not.toContain(Buffer.from(seed).toString("base64").slice(0, 8));
  });
});

test("both implementations sign the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(bytes(32, 32), bytes(0, 300), async (seed, message) => {
      const [native, portable] = await Promise.all([
        webCryptoEd25519.signingKey(seed),
        nobleEd25519.signingKey(seed),
      ]);
      expect(native.publicKey).toEqual(portable.publicKey);
      expect(await native.sign(message)).toEqual(await portable.sign(message));
    }),
    { numRuns: 100 },
  );
});

test("both implementations give the same verdict on changed keys, messages and signatures", async () => {
  const seed = new Uint8Array(32).fill(7);
  const message = new TextEncoder().encode("an entry");
  const key = await webCryptoEd25519.signingKey(seed);
  const whole = Buffer.concat([key.publicKey, await key.sign(message), message]);
  const edit = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 3 }), async (edits) => {
      const changed = new Uint8Array(whole);
      for (const { at, to } of edits) changed[at] = to;
      const parts = [changed.subarray(0, 32), changed.subarray(96), changed.subarray(32, 96)] as const;
      const good = Buffer.compare(changed, whole) === 0;
      expect(await webCryptoEd25519.verify(...parts)).toBe(good);
      expect(await nobleEd25519.verify(...parts)).toBe(good);
    }),
    { numRuns: 500 },
  );
});

test("both implementations refuse random bytes alike", async () => {
  await fc.assert(
    fc.asyncProperty(bytes(32, 32), bytes(0, 40), bytes(64, 64), async (publicKey, message, signature) => {
      expect(await webCryptoEd25519.verify(publicKey, message, signature)).toBe(false);
      expect(await nobleEd25519.verify(publicKey, message, signature)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

const [seed, publicKey, message, signature] = rfc8032[2]!.map(bytesFromHex) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

describe("a runtime whose Web Cryptography API does", () => {
  beforeEach(() => {
    vi.resetModules();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("signs and verifies with it", async () => {
    const { subtle } = globalThis.crypto;
    const sign = vi.spyOn(subtle, "sign");
    const verify = vi.spyOn(subtle, "verify");
    const fresh = await import("../../src/crypto/ed25519.ts");
    const key = await fresh.signingKeyFromSeed(seed);
    sign.mockClear();
    expect(await key.sign(message)).toEqual(signature);
    expect(sign).toHaveBeenCalledOnce();
    expect(await fresh.verifySignature(publicKey, message, signature)).toBe(true);
    verify.mockClear();
    expect(await fresh.verifySignature(publicKey, message, signature)).toBe(true);
    expect(verify).toHaveBeenCalledOnce();
  });

  test("keeps a key that can't be exported, and wipes the bytes that it was made from", async () => {
    const { subtle } = globalThis.crypto;
    const sign = vi.spyOn(subtle, "sign");
    const importKey = vi.spyOn(subtle, "importKey");
    const key = await webCryptoEd25519.signingKey(seed);
    await key.sign(message);
    expect(sign.mock.lastCall?.[1].extractable).toBe(false);
    expect(importKey).toHaveBeenCalledTimes(2);
    for (const [, encoded] of importKey.mock.calls as unknown as [string, Uint8Array][]) {
      expect(encoded).toEqual(new Uint8Array(48));
    }
  });
});

describe("a runtime whose Web Cryptography API does not do", () => {
  beforeEach(() => {
    vi.resetModules();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("signs and verifies all the same where it has no Ed25519", async () => {
    const unknown = new DOMException("Unrecognized name.", "NotSupportedError");
    const importKey = vi.spyOn(globalThis.crypto.subtle, "importKey").mockRejectedValue(unknown);
    const fresh = await import("../../src/crypto/ed25519.ts");
    const key = await fresh.signingKeyFromSeed(seed);
    expect(await key.sign(message)).toEqual(signature);
    expect((await fresh.signingKeyFromSeed(seed)).publicKey).toEqual(publicKey);
    expect(await fresh.verifySignature(publicKey, message, signature)).toBe(true);
    expect(await fresh.verifySignature(publicKey, seed, signature)).toBe(false);
    expect(importKey).toHaveBeenCalledTimes(2); // asked once for signing, once for verifying
  });

  test("signs the bytes of the RFC where its own signatures are random", async () => {
    vi.spyOn(globalThis.crypto.subtle, "sign").mockImplementation(async () => new ArrayBuffer(64));
    const fresh = await import("../../src/crypto/ed25519.ts");
    const key = await fresh.signingKeyFromSeed(seed);
    expect(await key.sign(message)).toEqual(signature);
  });

  test("does not accept what only its own, laxer verification accepts", async () => {
    vi.spyOn(globalThis.crypto.subtle, "verify").mockResolvedValue(true);
    const fresh = await import("../../src/crypto/ed25519.ts");
    expect(await fresh.verifySignature(publicKey, message, signature)).toBe(true);
    expect(await fresh.verifySignature(publicKey, seed, signature)).toBe(false);
  });
});

// Node 20.19.0 to 20.19.2 and 22.0 to 22.12 call Ed25519 experimental; later releases don't.
const [major, minor, patch] = process.versions.node.split(".").map(Number) as [number, number, number];
const isSettled = major > 22 || (major === 22 && minor >= 13) || (major === 20 && (minor > 19 || patch >= 3));

test.runIf(isSettled)("Node prints no warning when Ed25519 is used", () => {
  const script = `
    const pkcs8 = Buffer.from("302e020100300506032b657004220420" + "07".repeat(32), "hex");
    const { subtle } = globalThis.crypto;
    const key = await subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { x } = await subtle.exportKey("jwk", key);
    const raw = Buffer.from(x, "base64url");
    const publicKey = await subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    const signature = await subtle.sign("Ed25519", key, raw);
    console.log(await subtle.verify("Ed25519", publicKey, signature, raw));
  `;
  const command = `"${process.execPath}" --input-type=module - 2>&1`;
  const output = execFileSync("sh", ["-c", command], { input: script, encoding: "utf8" });
  expect(output).toBe("true\n");
});

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength });
}

function resized(source: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(source.subarray(0, length));
  return result;
}
