// Heads and manifests of a log whose signing key was replaced: whoever has the later key still can't sign anything.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { recoveryKey, signingKeyFromSeed } from "../../src/crypto/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { generationOf, verifyHead } from "../../src/log/head.ts";
import { type HeadManifest, headManifestToWire } from "../../src/log/head-manifest.ts";
import { type Succession, signSuccession } from "../../src/log/succession.ts";
import { verifyManifest } from "../../src/log/verified-manifest.ts";
import { maliciousWriter } from "../reader/forged-heads.ts";
import { signed } from "../tree/signed-manifests.ts";

const recoverySeed = new Uint8Array(32).fill(7);
const [recovery, next] = await Promise.all([recoveryKey(recoverySeed, 0), recoveryKey(recoverySeed, 1)]);
const [former, later] = await Promise.all(
  [1, 2].map((value) => signingKeyFromSeed(new Uint8Array(32).fill(value))),
);
const settings = { leafSize: 2, fanOut: 8 };
const genesis = createGenesis({
  ...{ ...defaultSettings, ...settings, visibility: "public", signingKey: former!.publicKey },
  recoveryKeyHash: sha256(recovery.publicKey),
});
const formerWriter = await maliciousWriter(settings, undefined, { key: former!, genesis });
const laterWriter = await maliciousWriter(settings, undefined, { key: later!, genesis });
const SIZE = 5;
const { root } = (await verifyHead(await formerWriter.head(SIZE), genesis.logId)).checkpoint;

function succession(more: Partial<Succession> = {}): Promise<string> {
  const all: Succession = {
    index: 1,
    ...{ size: SIZE, root, versions: 0, manifestRoot: new Uint8Array(32) },
    signingKey: later!.publicKey,
    nextRecoveryKeyHash: sha256(next.publicKey),
    ...more,
  };
  return signSuccession(genesis.logId, all, recovery);
}

async function manifest(more: Partial<Succession> = {}, key = later!): Promise<HeadManifest> {
  return signed([1, 2], { successions: [await succession(more)] }, { key, genesis });
}

const head = async (size: number, said: HeadManifest, writer = laterWriter): Promise<Uint8Array> =>
  writer.head(size, (wire) => ({ ...wire, manifest: headManifestToWire(said) }));

test("the later key signs what continues the former one's entries", async () => {
  const said = await manifest();
  for (const size of [SIZE, SIZE + 1, 40]) {
    const verified = await verifyHead(await head(size, said), genesis.logId);
    expect(verified.checkpoint.size).toBe(size);
    expect(verified.manifest).toMatchObject({ signingKey: later!.publicKey, successions: [{ index: 1 }] });
    expect(generationOf(verified)).toBe(1);
  }
  const before = await verifyHead(await formerWriter.head(40), genesis.logId);
  expect(generationOf(before)).toBe(0);
  const plain = await signed([1], {}, { key: former!, genesis });
  expect(generationOf(await verifyHead(await head(3, plain, formerWriter), genesis.logId))).toBe(0);
});

test("a head with fewer entries than the former key signed, or with others, is refused", async () => {
  const forged = {
    code: "ERR_INTEGRITY",
    operation: "head.verify",
    message: expect.stringContaining("does not have the 5 entries"),
  };
  const verified = async (size: number, more: Partial<Succession> = {}) =>
    failure(verifyHead(await head(size, await manifest(more)), genesis.logId));
  expect(await verified(SIZE - 1)).toMatchObject(forged);
  expect(await verified(SIZE, { root: new Uint8Array(32) })).toMatchObject(forged);
  expect(await verified(SIZE - 1, { root: new Uint8Array(32) })).toMatchObject(forged);
  // With the root of fewer entries than it says.
  expect(await verified(SIZE, { size: SIZE + 1 })).toMatchObject({
    ...{ ...forged, message: expect.stringContaining("does not have the 6 entries") },
  });
  // Of more entries, nothing but the signature of both keys' owner is asked.
  const more = await head(SIZE + 1, await manifest({ root: new Uint8Array(32) }));
  expect((await verifyHead(more, genesis.logId)).checkpoint.size).toBe(SIZE + 1);
});

test("one key signs both checkpoints of a head", async () => {
  const forged = { code: "ERR_INTEGRITY", operation: "note.verify" };
  expect(
    await failure(verifyHead(await head(9, await manifest(), formerWriter), genesis.logId)),
  ).toMatchObject(forged);
  const byFormer = await manifest({}, former);
  expect(await failure(verifyHead(await head(9, byFormer), genesis.logId))).toMatchObject(forged);
  const plain = await signed([1], {}, { key: former!, genesis });
  expect(await failure(verifyHead(await head(9, plain), genesis.logId))).toMatchObject(forged);
});

test("a succession belongs to a version after those that the former key signed", async () => {
  const { before } = await verifyManifest(await manifest(), genesis);
  for (const [versions, manifestRoot] of [
    [0, new Uint8Array(32)],
    [1, before.root()],
  ] as const) {
    const said = await manifest({ versions, manifestRoot });
    expect((await verifyManifest(said, genesis)).successions).toHaveLength(1);
  }
  expect(await failure(verifyManifest(await manifest({ versions: 1 }), genesis))).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "manifest.verify",
    message: expect.stringContaining("does not follow the 1 versions"),
  });
  for (const versions of [2, 3]) {
    expect(await failure(verifyManifest(await manifest({ versions }), genesis))).toMatchObject({
      code: "ERR_INTEGRITY",
      operation: "manifest.verify",
      message: expect.stringContaining(`only a version after ${versions} can name`),
    });
  }
});
