// Whether a name shows a head: also one whose manifest is stored apart and stands behind it, and no other.

import { describe, expect, test } from "vitest";
import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";
import {
  encodeHead,
  encodeHeadPointer,
  logIdIn,
  readNameContent,
  showsHead,
  verifyHead,
  withManifest,
  withRemoteId,
} from "../../src/log/head.ts";
import { type HeadManifest, headManifestToWire } from "../../src/log/head-manifest.ts";
import { decodePage } from "../../src/log/page.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { genesis, key, signed } from "../tree/signed-manifests.ts";

const remoteId = new Uint8Array(16).fill(9);

/** The head of the empty log, with what it says of the manifest. */
async function headWith(manifest?: HeadManifest): Promise<Uint8Array> {
  const checkpoint = { origin: checkpointOrigin(genesis.logId), size: 0, root: CompactRange.empty().root() };
  const note = await signCheckpoint(checkpoint, key);
  const verified = await verifyHead(
    encodeRemoteLog({
      ...{
        pairs: [],
        tail: new Uint8Array(0),
        genesis: genesis.bytes,
        checkpoint: new TextEncoder().encode(note),
      },
      ...{ levels: [], head: new Uint8Array(0), manifest: headManifestToWire(manifest) },
    }),
    genesis.logId,
  ).catch((error: unknown) => error);
  if (verified instanceof Error) {
    // What is stored apart can't be verified without being read.
    expect(verified).toMatchObject({ code: "ERR_MALFORMED" });
    const plain = decodeRemoteLog(await headWith());
    return encodeRemoteLog({ ...plain, manifest: headManifestToWire(manifest) });
  }
  return encodeHead(verified as never);
}

const apart = async (head: HeadManifest): Promise<HeadManifest> => ({
  ...head,
  address: await addressOf(head.bytes, rawSha256),
});

test("a head is read with its manifest, which is signed by the key of the log", async () => {
  const manifest = await signed([1, 2, 3]);
  const bytes = await headWith(manifest);
  const head = await verifyHead(bytes, genesis.logId);
  expect(head.manifest).toMatchObject({ ...manifest, manifest: { version: 3 } });
  expect(encodeHead(head)).toEqual(bytes);
  expect((await verifyHead(await headWith(), genesis.logId)).manifest).toBeUndefined();
  const wire = decodeRemoteLog(bytes);
  const other = headManifestToWire(await signed([1, 2, 4]));
  const forged = encodeRemoteLog({ ...wire, manifest: { ...other, checkpoint: wire.manifest!.checkpoint } });
  await expect(verifyHead(forged, genesis.logId)).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
});

describe("a name shows a head", () => {
  test("if it holds it, whatever the manifest, with the id of a remote or without", async () => {
    const versions = [undefined, await signed([1]), await apart(await signed([1])), await signed([1, 2])];
    const heads = await Promise.all(versions.map(headWith));
    for (const [i, shown] of heads.entries()) {
      for (const [j, head] of heads.entries()) {
        expect(showsHead(shown, head), `${i} and ${j}`).toBe(i === j);
        expect(showsHead(withRemoteId(shown, remoteId), head), `${i} and ${j}`).toBe(i === j);
      }
    }
    expect(showsHead(new Uint8Array(0), heads[1]!)).toBe(false);
    expect(showsHead(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });

  test("if the manifest is stored apart, and stands behind the head of whoever keeps it", async () => {
    const manifest = await signed([1, 2]);
    const [shown, plain, whole] = [
      await headWith(await apart(manifest)),
      await headWith(),
      await headWith(manifest),
    ];
    const kept = withManifest(shown, manifest.bytes);
    expect(decodeRemoteLog(kept).manifest).toMatchObject({ bytes: manifest.bytes });
    expect(showsHead(shown, kept)).toBe(true);
    expect(showsHead(withRemoteId(shown, remoteId), kept)).toBe(true);
    // Of the same length, with another version's address and note.
    const another = await headWith(await apart(await signed([1, 3])));
    expect(another.length).toBe(shown.length);
    for (const other of [another, plain, whole, shown.subarray(1), kept.subarray(0, -1), new Uint8Array(0)])
      expect(showsHead(other, kept)).toBe(false);
    // Another field behind it is another head.
    expect(showsHead(shown, withRemoteId(shown, remoteId))).toBe(false);
    // And a head in which there is a manifest that the name does not show is another one, though it begins like it.
    expect(showsHead(plain, whole)).toBe(false);
    expect(showsHead(plain, withManifest(plain, manifest.bytes))).toBe(false);
  });
});

test("what points at a head, and a page, say nothing of the manifest", async () => {
  const manifest = headManifestToWire(await signed([1]));
  const pointer = decodeRemoteLog(encodeHeadPointer(await addressOf(new Uint8Array(1), rawSha256)));
  expect(() => readNameContent(encodeRemoteLog({ ...pointer, manifest }))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
  const page = encodeRemoteLog({ ...pointer, head: new Uint8Array(0), manifest });
  expect(() => decodePage(page, 0, new Uint8Array(32))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED", operation: "page.decode" }),
  );
});

test("a head shows which log it is of, and nothing else does", async () => {
  const head = await headWith();
  expect(logIdIn(head)).toBe(genesis.logId);
  expect(logIdIn(withRemoteId(head, remoteId))).toBe(genesis.logId);
  expect(logIdIn(encodeHeadPointer(await addressOf(head, rawSha256)))).toBeUndefined();
  expect(logIdIn(new Uint8Array(0))).toBeUndefined();
  // Whether the record is one is for the reader to say.
  const odd = encodeRemoteLog({ ...decodeRemoteLog(head), genesis: Uint8Array.of(1) });
  expect(logIdIn(odd)).toBe("4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a");
  expect(logIdIn(head.subarray(0, head.length - 1))).toBeUndefined();
});
