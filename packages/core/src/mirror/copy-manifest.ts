// What a manifest leads to, copied: the leaf hashes of its versions, and the objects that it names.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { concatBytes } from "../bytes.ts";
import { isRemoteLogError } from "../errors/index.ts";
import {
  type HeadManifest,
  LEAVES_FROM,
  type StoredObject,
  type VerifiedManifest,
} from "../log/head-manifest.ts";
import { LARGEST_MANIFEST_OBJECT, namedObjects } from "../log/manifest.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { manifestLeaves, manifestObject } from "../tree/manifest-versions.ts";
import type { TargetStore } from "./target-store.ts";

/** From where, and where to. */
export interface ManifestCopy {
  readonly sources: StorageBackend;
  readonly target: TargetStore;
  /** The head of the target says the same already: what it leads to is there, but for what no source showed. */
  readonly isKnown: boolean;
}

/**
 * Copies what a manifest leads to. What no source shows is left out: whoever needs it looks for it elsewhere, and the entries
 * are not held up.
 *
 * @returns what the head of the copy says of the manifest; it holds the newest version itself, however large that is
 * @throws TargetFailure with the cause, if the target failed
 */
export async function copyManifest(
  manifest: VerifiedManifest,
  { sources, target, isKnown }: ManifestCopy,
  signal: AbortSignal,
): Promise<HeadManifest> {
  const copied = async (read: () => Promise<Uint8Array>): Promise<Address | undefined> => {
    const bytes = await read().catch((error: unknown) => {
      throwIfAborted(signal);
      if (!isRemoteLogError(error)) throw error;
      return undefined;
    });
    if (bytes === undefined) return undefined;
    const address = await target.address(bytes);
    if ((await target.stored(address, bytes.length)) === undefined) await target.put(bytes, address);
    return address;
  };
  const { bytes, note, peaks, checkpoint } = manifest;
  if (isKnown) {
    const { leaves, objects } = manifest;
    return { bytes, note, peaks, objects, ...(leaves && { leaves }) };
  }
  const leaves =
    checkpoint.size < LEAVES_FROM ? undefined : await copied(async () => concatBytes(await leavesOf()));
  const objects: StoredObject[] = [];
  for (const hash of namedObjects(manifest.manifest)) {
    const options = { maxBytes: LARGEST_MANIFEST_OBJECT, signal };
    const address = await copied(() => manifestObject(manifest, hash, sources, options));
    if (address !== undefined && target.addressOfHash(hash) === undefined) objects.push({ hash, address });
  }
  return { bytes, note, peaks, objects, ...(leaves && { leaves }) };

  function leavesOf(): Promise<Uint8Array[]> {
    return manifestLeaves({ manifest, storages: [sources] }, signal);
  }
}
