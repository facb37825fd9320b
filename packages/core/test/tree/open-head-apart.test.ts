// Where the manifest of a head comes from: out of the head, from behind it, or from its address, and never from elsewhere.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { withManifest } from "../../src/log/head.ts";
import { headManifestToWire } from "../../src/log/head-manifest.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { openHead } from "../../src/tree/open-head.ts";
import type { WireHeadManifest } from "../../src/wire/head-manifest-message.ts";
import { encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { genesis, key, signed } from "./signed-manifests.ts";

const none = new Uint8Array(0);
const { signal } = new AbortController();
const root = CompactRange.empty().root();
const note = await signCheckpoint({ origin: checkpointOrigin(genesis.logId), size: 0, root }, key);
const shown = await signed([1, 2]);
const address = await addressOf(shown.bytes, rawSha256);
const apart = headManifestToWire({ ...shown, address });

/** The head of the empty log, with these fields about the manifest. */
const headWith = (manifest: WireHeadManifest): Uint8Array =>
  encodeRemoteLog({
    ...{ pairs: [], tail: none, genesis: genesis.bytes, checkpoint: new TextEncoder().encode(note) },
    ...{ levels: [], head: none, manifest },
  });

/** Opens it from a remote that has the manifest, and counts what is read. */
async function open(head: Uint8Array) {
  const remote = scriptedRemote(new Map([[`${address}`, shown.bytes]]));
  const opening = openHead(remote, genesis.logId, head, 2 ** 20, signal);
  return { result: await opening.catch((error: unknown) => error), reads: remote.storage.reads };
}

test("a manifest that is stored apart is read from its address, and put behind the head", async () => {
  const head = headWith(apart);
  const { result, reads } = await open(head);
  expect(result).toMatchObject({ manifest: { bytes: shown.bytes }, bytes: withManifest(head, shown.bytes) });
  expect(reads).toEqual([`${address}`]);
});

test("a manifest that is in the head, or behind it, is not read", async () => {
  for (const head of [headWith(headManifestToWire(shown)), withManifest(headWith(apart), shown.bytes)]) {
    const { result, reads } = await open(head);
    expect(result).toMatchObject({ manifest: { bytes: shown.bytes }, bytes: head });
    expect(reads).toEqual([]);
  }
});

test("a head that speaks of a manifest and says nowhere where it is, is refused, and nothing is read", async () => {
  const { result, reads } = await open(headWith({ ...apart, address: none }));
  expect(result).toMatchObject({ code: "ERR_MALFORMED", operation: "head.decode" });
  expect(reads).toEqual([]);
});

test("a manifest that is missing is told as such", async () => {
  const remote = scriptedRemote(new Map());
  expect(await failure(openHead(remote, genesis.logId, headWith(apart), 2 ** 20, signal))).toMatchObject({
    code: "ERR_NOT_FOUND",
  });
});
