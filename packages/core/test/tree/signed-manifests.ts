// Versions of manifests, signed by the key of a log, and what a storage has to hold of them.

import { signCheckpoint } from "../../src/checkpoint/index.ts";
import { type SigningKey, signingKeyFromSeed } from "../../src/crypto/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { createGenesis, defaultSettings, type IdentifiedGenesis } from "../../src/log/genesis.ts";
import { type HeadManifest, manifestOrigin } from "../../src/log/head-manifest.ts";
import {
  encodeManifest,
  type Manifest,
  manifestHash,
  manifestLeafHash,
  nothingSaid,
} from "../../src/log/manifest.ts";
import { verifyManifest } from "../../src/log/verified-manifest.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import type { ManifestView } from "../../src/tree/manifest-versions.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

/** The key of the log. */
export const key = await signingKeyFromSeed(new Uint8Array(32).fill(1));
/** The log. */
export const genesis = createGenesis({ ...defaultSettings, signingKey: key.publicKey });

/** What a manifest says, version by version: the number of entries that are no longer kept. */
export type Said = readonly number[];

/** What a storage holds: the leaf hashes of each state that has them, by the text of their address. */
export const stored = new Map<string, Uint8Array>();

/** The manifest after it has said all of this, as a head shows it. */
export async function signed(
  said: Said,
  change: Partial<Manifest> = {},
  by: { readonly key: SigningKey; readonly genesis: IdentifiedGenesis } = { key, genesis },
): Promise<HeadManifest> {
  let before = CompactRange.empty();
  const range = CompactRange.empty();
  const leaves: Uint8Array[] = [];
  let bytes = new Uint8Array(0) as Uint8Array;
  for (const [at, firstKept] of said.entries()) {
    const previous = at === 0 ? {} : { previous: manifestHash(bytes) };
    const last = at === said.length - 1 ? change : {};
    bytes = encodeManifest({ ...nothingSaid, version: at + 1, firstKept, ...previous, ...last });
    before = range.clone();
    leaves.push(manifestLeafHash(bytes));
    range.appendLeaf(leaves[at]!);
  }
  const origin = manifestOrigin(by.genesis.logId);
  const note = await signCheckpoint({ origin, size: range.size, root: range.root() }, by.key);
  const joined = new Uint8Array(leaves.flatMap((leaf) => [...leaf]));
  const address = await addressOf(joined, rawSha256);
  stored.set(`${address}`, joined);
  return { bytes, note, peaks: before.hashes(), objects: [], ...(said.length > 2 && { leaves: address }) };
}

/** The same, verified, with a storage that counts its reads. */
export async function viewOf(said: Said, contents: ReadonlyMap<string, Uint8Array> = stored) {
  const storage = new ScriptedStorage(contents);
  const manifest = await verifyManifest(await signed(said), genesis);
  const view: ManifestView = { manifest, genesis, storages: [storage] };
  return { view, storage };
}
