// A manifest is used only if it is the newest version that the key of the log has signed.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { type HeadManifest, headManifestToWire, manifestOrigin } from "../../src/log/head-manifest.ts";
import { encodeManifest, nothingSaid } from "../../src/log/manifest.ts";
import { verifyManifest, verifyManifestOnWire } from "../../src/log/verified-manifest.ts";
import { NO_MANIFEST } from "../../src/wire/head-manifest-message.ts";
import { genesis, key, signed } from "../tree/signed-manifests.ts";

const said = [1, 2, 3, 4, 5, 6, 7];
const refused = (head: HeadManifest) => failure(verifyManifest(head, genesis));

test("each version is read with what it says, and goes through a head unchanged", async () => {
  for (let size = 1; size <= said.length; size++) {
    const head = await signed(said.slice(0, size));
    const verified = await verifyManifest(head, genesis);
    expect(verified).toMatchObject({
      ...{ ...head, manifest: { version: size, firstKept: size }, checkpoint: { size } },
      ...{ signingKey: key.publicKey, before: { size: size - 1 } },
    });
    expect(await verifyManifestOnWire(headManifestToWire(head), genesis)).toEqual(verified);
  }
  expect(headManifestToWire(undefined)).toBe(NO_MANIFEST);
});

test("a manifest that is stored apart is not in the head, and its address and those of its objects are", async () => {
  const head = await signed([1, 2]);
  const address = await addressOf(head.bytes, rawSha256);
  const objects = [{ hash: new Uint8Array(32).fill(4), address }];
  const wire = headManifestToWire({ ...head, address, objects });
  expect([wire.bytes.length, wire.address]).toEqual([0, address.bytes]);
  expect(await failure((async () => verifyManifestOnWire(wire, genesis))())).toMatchObject({
    code: "ERR_MALFORMED",
    operation: "head.decode",
    message: expect.stringContaining("gives no manifest"),
  });
  const read = await verifyManifestOnWire({ ...wire, bytes: head.bytes }, genesis);
  for (const field of ["address", "leaves"] as const) {
    const odd = { ...wire, bytes: head.bytes, [field]: Uint8Array.of(1) };
    expect(await failure((async () => verifyManifestOnWire(odd, genesis))())).toMatchObject({
      code: "ERR_MALFORMED",
    });
  }
  expect(read).toMatchObject({ bytes: head.bytes, address, objects });
});

test("what its writer did not sign is refused", async () => {
  const head = await signed([1, 2, 3]);
  const forged = { code: "ERR_INTEGRITY", operation: "manifest.verify" };
  // Another version, the same one with other words, and the path of another state.
  const newer = encodeManifest({ ...nothingSaid, version: 4, previous: new Uint8Array(32), firstKept: 3 });
  expect(await refused({ ...head, bytes: newer })).toMatchObject({
    ...forged,
    message: expect.stringContaining("says that it is version 4 of 3"),
  });
  const other = await signed([1, 2, 9]);
  expect(await refused({ ...head, bytes: other.bytes })).toMatchObject(forged);
  expect(await refused({ ...head, peaks: [new Uint8Array(32)] })).toMatchObject(forged);
  expect(await refused({ ...head, peaks: [] })).toMatchObject({ code: "ERR_MALFORMED" });
});

test("a succession that no recovery key signed is refused, and nothing of that manifest is used", async () => {
  const head = await signed([1, 2], { successions: ["not a note"] });
  expect(await refused(head)).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
});

test("a note of another key, of another log, or about the entries is refused", async () => {
  const head = await signed([1]);
  const { root } = (await verifyManifest(head, genesis)).checkpoint;
  const stranger = await signingKeyFromSeed(new Uint8Array(32).fill(2));
  const origin = manifestOrigin(genesis.logId);
  for (const note of [
    await signCheckpoint({ origin, size: 1, root }, stranger),
    await signCheckpoint({ origin: manifestOrigin("00".repeat(32)), size: 1, root }, key),
    await signCheckpoint({ origin: checkpointOrigin(genesis.logId), size: 1, root }, key),
  ])
    expect(await refused({ ...head, note })).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("a note that is no text is refused", async () => {
  const wire = { ...headManifestToWire(await signed([1])), checkpoint: Uint8Array.of(0xff) };
  expect(await failure((async () => verifyManifestOnWire(wire, genesis))())).toMatchObject({
    code: "ERR_MALFORMED",
    operation: "head.decode",
    message: expect.stringContaining("not UTF-8"),
  });
});
