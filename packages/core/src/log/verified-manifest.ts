// A manifest whose signature and place among its versions have been checked; docs/protocol.md, "The manifest". Only readers of
// logs that have one load this.

import { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { verifyCheckpoint } from "../checkpoint/index.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { CompactRange } from "../merkle/index.ts";
import { decodeUtf8 } from "../utf8.ts";
import type { WireHeadManifest } from "../wire/head-manifest-message.ts";
import { decodeStoredObject } from "../wire/stored-object-message.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { type HeadManifest, manifestOrigin, type VerifiedManifest } from "./head-manifest.ts";
import { splitHashes } from "./index-node.ts";
import { manifestLeafHash, readManifest } from "./manifest.ts";
import { signingKeyAfter, verifySuccessions } from "./signing-keys.ts";

/**
 * Checks what a head says of the manifest: that its version is the newest that the checkpoint covers, and that the log's key
 * has signed it.
 *
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 * @throws UnsupportedError `ERR_UNSUPPORTED` if it says what this package does not know, and must
 */
export async function verifyManifest(
  head: HeadManifest,
  genesis: IdentifiedGenesis,
): Promise<VerifiedManifest> {
  const manifest = readManifest(head.bytes);
  const successions = await verifySuccessions(genesis, manifest.successions);
  const publicKey = signingKeyAfter(genesis, successions);
  const checkpoint = await verifyCheckpoint(head.note, { origin: manifestOrigin(genesis.logId), publicKey });
  if (checkpoint.size !== manifest.version) {
    throw forged(`says that it is version ${manifest.version} of ${checkpoint.size}`);
  }
  // It is the first that names it, or a later one.
  const last = successions[successions.length - 1];
  if (last !== undefined && last.versions >= manifest.version)
    throw forged(`names a signing key that only a version after ${last.versions} can name`);
  const before = CompactRange.fromHashes(manifest.version - 1, head.peaks);
  // If a former key signed all versions before it, they are those that its owner says it has signed.
  if (last?.versions === before.size && !bytesEqual(before.root(), last.manifestRoot))
    throw forged(`does not follow the ${last.versions} versions after which its key signs`);
  const range = before.clone();
  range.appendLeaf(manifestLeafHash(head.bytes));
  if (!bytesEqual(range.root(), checkpoint.root)) throw forged("is not the one that its writer signed");
  return { ...head, manifest, checkpoint, signingKey: publicKey, successions, before };
}

/**
 * Checks what a head has in its fields about the manifest, as {@link verifyManifest}.
 *
 * @throws MalformedError `ERR_MALFORMED` if they do not fit each other
 */
export async function verifyManifestOnWire(
  wire: WireHeadManifest,
  genesis: IdentifiedGenesis,
): Promise<VerifiedManifest> {
  return verifyManifest(headManifestFromWire(wire), genesis);
}

function headManifestFromWire(wire: WireHeadManifest): HeadManifest {
  const { bytes, address, checkpoint, path, leaves, objects } = wire;
  if (bytes.length === 0) throw malformed("gives no manifest to the fields that are about it");
  const note = decodeUtf8(checkpoint);
  if (note === undefined) throw malformed("has a checkpoint of the manifest that is not UTF-8 text");
  return {
    bytes,
    note,
    // An inclusion path of the last leaf goes upwards: the smallest subtree comes first.
    peaks: splitHashes(path).reverse(),
    ...(address.length > 0 && { address: Address.fromBytes(address) }),
    ...(leaves.length > 0 && { leaves: Address.fromBytes(leaves) }),
    objects: objects.map(decodeStoredObject).map((object) => ({
      hash: object.hash,
      address: Address.fromBytes(object.address),
    })),
  };
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A head ${why}.`, { operation: "head.decode" });
}

function forged(why: string): IntegrityError {
  return new IntegrityError(`A manifest ${why}: corrupt or forged. Nothing of it was used.`, {
    operation: "manifest.verify",
  });
}
