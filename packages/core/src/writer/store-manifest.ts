// What a head says of the manifest on one remote, and the objects that this leads to.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../address/address.ts";
import { addressOf, type HashType, rawSha256 } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { concatBytes } from "../bytes.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import { type HeadManifest, LARGEST_IN_HEAD, LEAVES_FROM, type StoredObject } from "../log/head-manifest.ts";
import { namedObjects } from "../log/manifest.ts";
import { putChecked } from "../remote/checked-put.ts";
import type { Remote } from "../remote/remote.ts";
import type { SignedCheckpoint } from "./checkpoint-signer.ts";
import type { WriterState } from "./writer-state.ts";

/** A manifest that is about to be published. */
export interface ReadyManifest {
  readonly head: HeadManifest;
  readonly signed: SignedCheckpoint;
  /** Its number. */
  readonly version: number;
  /** The newest snapshot that it names. */
  readonly snapshot: number | undefined;
}

/**
 * Signs the newest version of the manifest, and stores what the head does not hold itself: the version if it is large, the leaf
 * hashes of all versions, and the objects that it names. What this remote acknowledged before is not sent again.
 *
 * @returns `undefined` if the log has no manifest
 */
export async function readyManifest(
  {
    remote,
    writer,
    records,
  }: { readonly remote: Remote; readonly writer: WriterState; readonly records: RemoteRecords },
  signal: AbortSignal,
): Promise<ReadyManifest | undefined> {
  const { manifests, journal } = writer;
  const { newest, leaves, version } = manifests;
  if (newest === undefined) return undefined;
  const signed = await manifests.sign();
  const { storage } = remote;
  const hashType = storage.capabilities.hashTypes[0]!;
  const isStored = (await records.loadManifest()) === version;
  const budget = new RetryBudget({ signal });
  // A version names most of what the one before it named.
  const before = await records.loadNamedObjects();
  const stored = async (bytes: Uint8Array, isThere = isStored): Promise<Address> => {
    const address = await addressOf(bytes, hashType);
    if (!isThere) await budget.run(() => putChecked(storage, bytes, address, signal));
    return address;
  };
  const objects: StoredObject[] = [];
  const named = namedObjects(newest.manifest);
  for (const hash of named) {
    const object = await manifests.records.loadObject(hash);
    const address = await stored(object, isStored || before.has(bytesToHex(hash)));
    if (!holdsSha256(hashType)) objects.push({ hash, address });
  }
  const address = newest.bytes.length > LARGEST_IN_HEAD ? await stored(newest.bytes) : undefined;
  const all = version >= LEAVES_FROM ? await stored(concatBytes(leaves)) : undefined;
  const head: HeadManifest = {
    bytes: newest.bytes,
    note: signed.note,
    peaks: manifests.prefix(version - 1).hashes(),
    objects,
    ...(address && { address }),
    ...(all && { leaves: all }),
  };
  if (!isStored) await journal.write([records.manifestOperation(version, named.map(bytesToHex))], false);
  return { head, signed, version, snapshot: newest.manifest.snapshot };
}

function holdsSha256({ codec, hash, digestBytes }: HashType): boolean {
  return codec === rawSha256.codec && hash === rawSha256.hash && digestBytes === rawSha256.digestBytes;
}
