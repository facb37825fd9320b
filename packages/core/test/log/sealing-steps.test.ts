// What the runtime computes for an entry: a private log takes the two hashes of HMAC more than a public one, and those of what is
// stored, and makes no cipher for a short content.

import * as crypto from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GenesisSettings } from "../../src/log/genesis.ts";
import type { Sealing } from "../../src/log/sealing.ts";

let hashes = 0;
let ciphers = 0;

beforeEach(() => {
  vi.resetModules();
  const counted = {
    ...crypto,
    hash(...given: Parameters<typeof crypto.hash>) {
      hashes++;
      return crypto.hash(...given);
    },
    createSecretKey(key: Uint8Array) {
      ciphers++;
      return crypto.createSecretKey(key);
    },
  };
  vi.stubGlobal("process", { ...process, getBuiltinModule: () => counted });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A sealing as of a fresh start. */
async function sealingOf(visibility: GenesisSettings["visibility"]): Promise<Sealing> {
  const { lookForNativeCipher } = await import("../../src/crypto/xchacha20-poly1305.ts");
  const { privateSealing } = await import("../../src/log/private-sealing.ts");
  const { publicSealing } = await import("../../src/log/public-sealing.ts");
  const { createGenesis, defaultSettings } = await import("../../src/log/genesis.ts");
  await lookForNativeCipher();
  const log = createGenesis({ ...defaultSettings, visibility, signingKey: new Uint8Array(32).fill(9) });
  return visibility === "public" ? publicSealing("sha256") : privateSealing(new Uint8Array(32), log);
}

/** The hashes and ciphers of a step. */
function stepsOf(step: () => unknown): { hashes: number; ciphers: number } {
  [hashes, ciphers] = [0, 0];
  step();
  return { hashes, ciphers };
}

describe.each([64, 100, 256, 800])("an entry of %i bytes", (length) => {
  const content = new Uint8Array(length).fill(7);

  test.each([
    ["public", 1, 0, 1, 0],
    ["private", 3, 1, 4, 3],
  ] as const)(
    "of a %s log takes %i hashes to identify, %i for what is stored, %i to seal and %i to open",
    async (visibility, identify, contentHash, seal, open) => {
      const sealing = await sealingOf(visibility);
      const identified = sealing.identify(3, content);
      const sealed = sealing.seal(3, content);
      expect(stepsOf(() => sealing.identify(3, content))).toEqual({ hashes: identify, ciphers: 0 });
      expect(stepsOf(() => sealing.contentHash(content, identified))).toEqual({
        hashes: contentHash,
        ciphers: 0,
      });
      expect(stepsOf(() => sealing.seal(3, content))).toEqual({ hashes: seal, ciphers: 0 });
      // Whoever read it has computed the hash of what is stored.
      expect(stepsOf(() => sealing.open(3, sealed))).toEqual({ hashes: open, ciphers: 0 });
      const { localHash, stored } = sealed;
      expect(sealing.open(3, { localHash, stored })).toEqual(sealing.open(3, sealed));
    },
  );
});

test("an entry of 4 KiB is sealed and opened by the runtime, with a cipher for each", async () => {
  const sealing = await sealingOf("private");
  const content = new Uint8Array(4096);
  const sealed = sealing.seal(3, content);
  expect(stepsOf(() => sealing.seal(3, content))).toEqual({ hashes: 4, ciphers: 1 });
  expect(stepsOf(() => sealing.open(3, sealed))).toEqual({ hashes: 3, ciphers: 1 });
});
