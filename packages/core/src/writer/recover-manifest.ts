// Recovery of the manifest: takes over the versions that a remote has and the journal lacks.

import { bytesEqual } from "../bytes.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { StoredVersions } from "../journal/manifest-records.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import {
  type EntryRange,
  encodeManifest,
  LARGEST_MANIFEST_OBJECT,
  type ManifestContent,
  manifestHash,
  manifestLeafHash,
  namedObjects,
  saysSame,
} from "../log/manifest.ts";
import { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import { manifestLeaves, manifestObject } from "../tree/manifest-versions.ts";
import type { ManifestKeeper } from "./manifest-keeper.ts";

/** A manifest that a remote shows. */
export interface ShownManifest {
  readonly remote: Remote;
  readonly manifest: VerifiedManifest;
}

/** What a recovery does about the manifest. */
export interface ManifestRecovery {
  /** What has to be written, with the rest of the recovery. */
  readonly operations: readonly BatchOperation[];
  /** Called once that is durable. */
  readonly finish: () => void;
}

/** Options of {@link recoverManifest}. */
export interface ManifestRecoveryOptions {
  /** Whether what the journal has of it is damaged. */
  readonly isDamaged: boolean;
  /** Makes the error for a remote that shows another history than this journal signed, or another remote shows. */
  readonly contradicts: (remote: Remote) => Error;
  readonly signal: AbortSignal;
}

/**
 * Takes over the newest manifest that remotes show, if it goes beyond what the journal has. What the journal says beyond what it
 * signed follows as a further version.
 */
export async function recoverManifest(
  manifests: ManifestKeeper,
  shown: readonly ShownManifest[],
  { isDamaged, contradicts, signal }: ManifestRecoveryOptions,
): Promise<ManifestRecovery> {
  const newest = shown.reduce<ShownManifest | undefined>(
    (best, one) => (sizeOf(one) > sizeOf(best) ? one : best),
    undefined,
  );
  const { records } = manifests;
  if (newest === undefined) {
    // One that is damaged goes.
    const empty = isDamaged ? await records.replaceOperations({ bytes: undefined, leaves: [] }) : [];
    const operations = isDamaged ? [...empty, records.signedOperation(undefined)] : [];
    return { operations, finish: () => undefined };
  }
  const { remote, manifest } = newest;
  const isAhead = !manifests.isOwn(manifest.checkpoint);
  const leaves = isAhead
    ? await manifestLeaves({ manifest, storages: [remote.storage] }, signal)
    : manifests.leaves;
  const { signed, version } = manifests;
  if (signed !== undefined && !isBeginning(leaves, signed)) throw contradicts(remote);
  for (const one of shown) if (!isBeginning(leaves, one.manifest.checkpoint)) throw contradicts(one.remote);
  if (!isAhead) return { operations: [], finish: () => undefined };
  const objects: BatchOperation[] = [];
  for (const hash of namedObjects(manifest.manifest)) {
    const options = { maxBytes: LARGEST_MANIFEST_OBJECT, signal };
    objects.push(records.objectOperation(await manifestObject(manifest, hash, remote.storage, options)));
  }
  const isWhole =
    version <= leaves.length && bytesEqual(rootOf(leaves, version), manifests.prefix(version).root());
  const versions = isWhole
    ? { bytes: manifest.bytes, leaves }
    : followedBy(manifest, leaves, merge(manifest.manifest, manifests.content));
  const { note, checkpoint } = manifest;
  const replaced = await records.replaceOperations(versions);
  return {
    operations: [...objects, ...replaced, records.signedOperation(note)],
    finish: () => manifests.replace(versions, { note, checkpoint }),
  };
}

function followedBy(
  { bytes, manifest }: VerifiedManifest,
  leaves: readonly Uint8Array[],
  content: ManifestContent,
): Required<StoredVersions> {
  if (saysSame(content, manifest)) return { bytes, leaves };
  const next = encodeManifest({
    ...content,
    version: manifest.version + 1,
    previous: manifestHash(bytes),
  });
  return { bytes: next, leaves: [...leaves, manifestLeafHash(next)] };
}

// What was said on two devices: nothing that either took out comes back.
function merge(theirs: ManifestContent, ours: ManifestContent): ManifestContent {
  const snapshot = Math.max(theirs.snapshot ?? -1, ours.snapshot ?? -1);
  const remotes = theirs.remotes ?? ours.remotes;
  const longer = <T>(one: readonly T[], other: readonly T[]): readonly T[] =>
    other.length > one.length ? other : one;
  return {
    successions: longer(theirs.successions, ours.successions),
    epochs: longer(theirs.epochs, ours.epochs),
    removed: union([...theirs.removed, ...ours.removed]),
    firstKept: Math.max(theirs.firstKept, ours.firstKept),
    ...(snapshot >= 0 && { snapshot }),
    ...(remotes && { remotes }),
  };
}

function union(ranges: readonly EntryRange[]): EntryRange[] {
  const joined: EntryRange[] = [];
  for (const { first, count } of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = joined[joined.length - 1];
    if (last === undefined || first > last.first + last.count) joined.push({ first, count });
    else
      joined[joined.length - 1] = {
        first: last.first,
        count: Math.max(last.count, first + count - last.first),
      };
  }
  return joined;
}

function isBeginning(
  leaves: readonly Uint8Array[],
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): boolean {
  return size <= leaves.length && bytesEqual(rootOf(leaves, size), root);
}

function rootOf(leaves: readonly Uint8Array[], count: number): Uint8Array {
  const range = CompactRange.empty();
  for (const leaf of leaves.slice(0, count)) range.appendLeaf(leaf);
  return range.root();
}

function sizeOf(shown: ShownManifest | undefined): number {
  return shown?.manifest.checkpoint.size ?? 0;
}
