// A small private log that is put together by hand, with epochs and keyrings as a fixture wants them.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { checkpointOrigin, formatCheckpoint, signNote } from "../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { epochKeyOf, keyIdOf, sealEarlierKey } from "../../../packages/core/src/log/epoch-keys.ts";
import { createGenesis, type IdentifiedGenesis } from "../../../packages/core/src/log/genesis.ts";
import { manifestOrigin } from "../../../packages/core/src/log/head-manifest.ts";
import {
  type Epoch,
  encodeManifest,
  manifestLeafHash,
  nothingSaid,
} from "../../../packages/core/src/log/manifest.ts";
import { privateSealing } from "../../../packages/core/src/log/private-sealing.ts";
import { CompactRange, hashLeaf } from "../../../packages/core/src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { Random } from "../random.ts";
import { buildTree } from "../trees/build-tree.ts";
import { bytes, hash } from "./parts.ts";

/** The read keys of epochs 0 and 1. */
export const readKeys: readonly [Uint8Array, Uint8Array] = [hash(0x31), hash(0x32)];

const none = new Uint8Array(0);

/** A private log of two entries: one in epoch 0, one in epoch 1. */
export interface PrivateLog {
  readonly logId: string;
  readonly genesis: IdentifiedGenesis;
  /** The key that seals the entries of epoch 1. */
  readonly epochKey: Uint8Array;
  readonly entries: readonly Uint8Array[];
  /** The epochs as they are, without keyrings. */
  readonly epochs: readonly [Epoch, Epoch];
  /** The head that names epochs. */
  readonly head: (epochs: readonly Epoch[]) => Promise<Uint8Array>;
}

/** Builds the log. */
export function privateLog(key: SigningKey): PrivateLog {
  const settings = { leafSize: 4, fanOut: 2 };
  const made = createGenesis({
    ...settings,
    identifiers: "sha256",
    visibility: "private",
    signingKey: key.publicKey,
  });
  const { logId } = made;
  const epochKey = epochKeyOf(readKeys[1], { logId, epoch: 1 });
  const entries = ["p 0", "p 1"].map(bytes);
  const pairs = entries.map((content, i) => {
    const sealed = privateSealing(i === 0 ? readKeys[0] : epochKey, made).seal(i, content);
    const { localHash, stored, contentHash } = sealed;
    const leaf = hashLeaf(concatBytes([localHash, contentHash]));
    return { leaf, wire: { localHash, contentHash: undefined, remoteHash: none, data: stored } };
  });
  const range = CompactRange.empty();
  for (const { leaf } of pairs) range.appendLeaf(leaf);
  const sign = async (origin: string, of: CompactRange): Promise<Uint8Array> =>
    bytes(await signNote(formatCheckpoint({ origin, size: of.size, root: of.root() }), origin, key));
  return {
    logId,
    genesis: made,
    epochKey,
    entries,
    epochs: [
      { first: 0, keyId: keyIdOf(readKeys[0], logId) },
      { first: 1, keyId: keyIdOf(epochKey, logId), earlier: sealEarlierKey(readKeys[1], readKeys[0], logId) },
    ],
    head: async (epochs) => {
      const note = await sign(checkpointOrigin(logId), range);
      const wires = pairs.map(({ wire }) => wire);
      const plan = { ...settings, pairs: wires, genesis: made.bytes, note };
      const { head } = buildTree(plan, new Random(0, "a private log"));
      const version = encodeManifest({ ...nothingSaid, version: 1, epochs });
      const versions = CompactRange.empty();
      versions.appendLeaf(manifestLeafHash(version));
      const checkpoint = await sign(manifestOrigin(logId), versions);
      const manifest = { bytes: version, address: none, checkpoint, path: none, leaves: none, objects: [] };
      return encodeRemoteLog({ ...decodeRemoteLog(head), manifest });
    },
  };
}

/** An epoch that names a keyring. */
export function naming(epoch: Epoch, keyring: Uint8Array): Epoch {
  return { ...epoch, keyring: sha256(keyring) };
}
