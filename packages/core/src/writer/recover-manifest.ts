// Recovery of the manifest: takes over the versions that a remote has and the journal lacks.

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { JournalCorruptError } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { StoredVersions } from "../journal/manifest-records.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import {
  type Epoch,
  encodeManifest,
  LARGEST_MANIFEST_OBJECT,
  type ManifestContent,
  manifestHash,
  manifestLeafHash,
  namedObjects,
  nothingSaid,
  saysSame,
} from "../log/manifest.ts";
import { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import { manifestLeaves, manifestObject } from "../tree/manifest-versions.ts";
import type { ManifestKeeper, NewestManifest } from "./manifest-keeper.ts";
import { mergeEpochs, mergeManifests, renumbered, within } from "./merge-manifests.ts";
import type { Renumbering } from "./renumbering.ts";
import type { SigningBy } from "./signing-by.ts";

/** A manifest that a remote shows. */
export interface ShownManifest {
  readonly remote: Remote;
  readonly manifest: VerifiedManifest;
}

/** What a recovery does about the manifest. */
export interface ManifestRecovery {
  /** The epochs of the log after the recovery: what is recovered, and what is appended anew, is sealed in them. */
  readonly epochs: readonly Epoch[];
  /** The newest version that the journal and the remote both have, if some of the journal's give way to those of the remote. */
  readonly common?: number;
  /** What has to be written, with the end of the recovery, once it is known which numbers entries have. */
  readonly operations: (numbers: EntryNumbers) => Promise<readonly BatchOperation[]>;
  /** Called once that is durable. */
  readonly finish: () => void;
}

/** Which numbers the entries of the journal have after a recovery. */
interface EntryNumbers {
  readonly renumbering: Renumbering;
  /** How many entries there are. */
  readonly size: number;
}

/** Options of {@link recoverManifest}. */
export interface ManifestRecoveryOptions {
  /** Makes the error for a remote that shows another history than this journal signed, or another remote shows. */
  readonly contradicts: (remote: Remote) => Error;
  /** How many entries a remote shows that has more than this device has signed; 0 if none does. */
  readonly shownEntries: number;
  readonly signal: AbortSignal;
}

/**
 * Takes over the newest manifest that remotes show, if it goes beyond what the journal has. What the journal alone says follows as
 * a further version, and so does what has to be said anew because entries have other numbers now.
 *
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` with the reason `"lost-signed"` if versions that were signed are damaged, and no
 * remote shows them
 */
export async function recoverManifest(
  manifests: ManifestKeeper,
  shown: readonly ShownManifest[],
  { contradicts, shownEntries, signal }: ManifestRecoveryOptions,
): Promise<ManifestRecovery> {
  const newest = shown.reduce<ShownManifest | undefined>(
    (best, one) => (sizeOf(one) > sizeOf(best) ? one : best),
    undefined,
  );
  const { records, signed, isDamaged } = manifests;
  const isAhead = newest !== undefined && !manifests.isOwn(newest.manifest.checkpoint);
  // A later key signed it: what a former one signed here binds nobody.
  const isOfLaterKey = (newest?.manifest.successions.length ?? 0) > manifests.signing.successions.length;
  if (isDamaged && signed !== undefined && !isOfLaterKey && signed.size > sizeOf(newest))
    throw lostSigned(signed.size);
  const leaves = isAhead ? await leavesOf(newest, shown, { manifests, signal }) : manifests.leaves;
  if (newest !== undefined && signed !== undefined && !isOfLaterKey && !isBeginning(leaves, signed))
    throw contradicts(newest.remote);
  for (const one of shown) if (!isBeginning(leaves, one.manifest.checkpoint)) throw contradicts(one.remote);
  const objects = isAhead ? await objectsOf(newest, shown, { manifests, signal }) : [];
  const theirs = newest?.manifest.manifest ?? nothingSaid;
  const base = isAhead ? newest.manifest : manifests.newest;
  const isPart = isAhead && isPartOf(leaves, manifests);
  const { epochs: own } = manifests.content;
  const known = isAhead ? theirs.epochs : own.slice(0, Math.max(1, theirs.epochs.length));
  const epochs = isPart ? theirs.epochs : mergeEpochs(known, own, shownEntries);
  let taken: { readonly versions: Required<StoredVersions>; readonly signing: SigningBy } | undefined;
  // Before anything is written: does the seed of this device lead to the key that signs now?
  if (isAhead) await manifests.signingBy(theirs.successions);
  return {
    epochs,
    ...(isAhead && !isPart && { common: commonBeginning(leaves, manifests.leaves) }),
    operations: async (numbers) => {
      const ours = renumbered(manifests.content, theirs, numbers);
      const content = !isAhead ? ours : isPart ? theirs : mergeManifests(theirs, ours);
      // Where the log lives is sealed with the key of the newest epoch.
      const remotes = epochs.length > theirs.epochs.length ? ours.remotes : content.remotes;
      const next = followedBy(base, leaves, within({ ...content, epochs, remotes }, numbers.size));
      if (!isAhead && !isDamaged && next.leaves.length === leaves.length) return [];
      taken = { versions: next, signing: await manifests.signingBy(content.successions) };
      const note = isAhead ? newest.manifest.note : undefined;
      const signs = isAhead || isDamaged ? [records.signedOperation(note)] : [];
      const replaced = await records.replaceOperations(next);
      return [...objects, ...replaced, ...signs];
    },
    finish: () => {
      if (taken === undefined) return;
      manifests.replace(taken.versions, isAhead ? newest.manifest : undefined, taken.signing);
    },
  };
}

interface RecoveryParts {
  readonly manifests: ManifestKeeper;
  readonly signal: AbortSignal;
}

// One remote may withhold what another has.
async function leavesOf(
  { manifest }: ShownManifest,
  shown: readonly ShownManifest[],
  { manifests, signal }: RecoveryParts,
): Promise<readonly Uint8Array[]> {
  const { before, checkpoint, bytes } = manifest;
  // Of the version after those that are here, the head shows all that it takes.
  if (manifests.isOwn({ size: before.size, root: before.root() }))
    return [...manifests.leaves.slice(0, before.size), manifestLeafHash(bytes)];
  const storages = shown.map(({ remote }) => remote.storage);
  const same = shown.filter((one) => bytesEqual(one.manifest.checkpoint.root, checkpoint.root));
  return firstOf(same, signal, (one) => manifestLeaves({ manifest: one.manifest, storages }, signal));
}

async function objectsOf(
  { manifest: { manifest } }: ShownManifest,
  shown: readonly ShownManifest[],
  { manifests: { records }, signal }: RecoveryParts,
): Promise<BatchOperation[]> {
  const operations: BatchOperation[] = [];
  for (const hash of namedObjects(manifest)) {
    const options = { maxBytes: LARGEST_MANIFEST_OBJECT, signal };
    const object = await firstOf(shown, signal, (one) =>
      manifestObject(one.manifest, hash, one.remote.storage, options),
    );
    operations.push(records.objectOperation(object));
  }
  return operations;
}

// What the first of several places shows; the failure of the first if none does.
async function firstOf<T>(
  places: readonly ShownManifest[],
  signal: AbortSignal,
  read: (place: ShownManifest) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const place of places) {
    try {
      return await read(place);
    } catch (error) {
      throwIfAborted(signal);
      failure ??= error;
    }
  }
  throw failure;
}

// Whether all that this journal says is among the versions that a remote shows.
function isPartOf(leaves: readonly Uint8Array[], manifests: ManifestKeeper): boolean {
  const { newest, isDamaged, version } = manifests;
  if (newest === undefined) return true;
  const leaf = leaves[newest.manifest.version - 1];
  if (isDamaged) return leaf !== undefined && bytesEqual(leaf, manifestLeafHash(newest.bytes));
  return isBeginning(leaves, { size: version, root: manifests.prefix(version).root() });
}

function followedBy(
  base: NewestManifest | undefined,
  leaves: readonly Uint8Array[],
  content: ManifestContent,
): Required<StoredVersions> {
  // Of a version that is damaged, only what it says is left: it is said again.
  const before = leaves.length === 0 ? undefined : base;
  if (saysSame(content, before?.manifest ?? nothingSaid)) return { bytes: before?.bytes, leaves };
  const next = encodeManifest({
    ...content,
    version: leaves.length + 1,
    ...(before && { previous: manifestHash(before.bytes) }),
  });
  return { bytes: next, leaves: [...leaves, manifestLeafHash(next)] };
}

function commonBeginning(one: readonly Uint8Array[], other: readonly Uint8Array[]): number {
  let common = 0;
  while (common < one.length && common < other.length && bytesEqual(one[common]!, other[common]!)) common++;
  return common;
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

function lostSigned(version: number): JournalCorruptError {
  return new JournalCorruptError(
    `The manifest of this log can't be recovered: ${version} versions of it were signed, so that readers may have seen them, and ` +
      "neither this device nor any remote has them. To continue without them would fork the log. Nothing was changed. Add a remote " +
      "that has them, or start a new log.",
    { operation: "writer.recover", reason: "lost-signed" },
  );
}
