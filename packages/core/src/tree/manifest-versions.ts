// The versions of a manifest behind a verified head, and how two states of it relate; docs/protocol.md, "The manifest".

import { Address } from "../address/address.ts";
import { rawSha256 } from "../address/hash-type.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import { IntegrityError, isRemoteLogError } from "../errors/index.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import { splitHashes } from "../log/index-node.ts";
import { manifestLeafHash } from "../log/manifest.ts";
import { CompactRange, hashNode, type SubtreeSource } from "../merkle/index.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { proveFork } from "./fork-evidence.ts";
import { keyChangeBetween, proveTwoSuccessors } from "./key-change.ts";
import type { Relation } from "./relation.ts";

/** A manifest, and where what it leads to is read. */
export interface ManifestView {
  readonly manifest: VerifiedManifest;
  readonly genesis: IdentifiedGenesis;
  /** Storages that may have the leaf hashes of its versions; each is asked if those before it have failed. */
  readonly storages: readonly StorageBackend[];
}

/**
 * The Merkle leaf hashes of all versions, oldest first: at most one read.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if they are not those that the log's key signed
 */
export async function manifestLeaves(
  { manifest: verified, storages }: Pick<ManifestView, "manifest" | "storages">,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  const { before, checkpoint, bytes, leaves: address } = verified;
  const newest = manifestLeafHash(bytes);
  if (checkpoint.size <= 2) return [...before.hashes(), newest];
  if (address === undefined) throw forged("has no leaf hashes of its versions beside it");
  let failure: unknown;
  for (const storage of storages) {
    try {
      const options = { maxBytes: checkpoint.size * HASH_BYTES, ...(signal && { signal }) };
      const joined = await getChecked(storage, address, options);
      const leaves = joined.length === options.maxBytes ? splitHashes(joined) : [];
      if (bytesEqual(rangeOf(leaves, leaves.length).root(), checkpoint.root)) return leaves;
      throw forged("has other leaf hashes beside it than its versions");
    } catch (error) {
      throwIfAborted(signal);
      if (!isRemoteLogError(error)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * An object that a manifest names by its hash.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if it is another
 */
export async function manifestObject(
  { objects }: Pick<VerifiedManifest, "objects">,
  hash: Uint8Array,
  storage: StorageBackend,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const listed = objects.find((object) => bytesEqual(object.hash, hash));
  const address = listed?.address ?? Address.create(rawSha256.codec, rawSha256.hash, hash);
  const bytes = await getChecked(storage, address, { maxBytes, ...(signal && { signal }) });
  if (bytesEqual(sha256(bytes), hash)) return bytes;
  throw new IntegrityError(`The object at ${address} is not the one that the manifest names.`, {
    operation: "manifest.read",
  });
}

/** How an offered state of a manifest relates to one that was verified before. */
export async function compareManifests(
  verified: ManifestView,
  offered: ManifestView,
  signal?: AbortSignal,
): Promise<Relation> {
  const [one, other] = [verified.manifest.checkpoint, offered.manifest.checkpoint];
  const [smaller, larger] = other.size < one.size ? [offered, verified] : [verified, offered];
  const [m, n] = [smaller.manifest.checkpoint.size, larger.manifest.checkpoint.size];
  const of = ({ note }: VerifiedManifest, size: number): { note: string; size: number } => ({ note, size });
  const { genesis } = larger;
  const change = keyChangeBetween(verified.manifest.successions, offered.manifest.successions);
  const forked = async (source: SubtreeSource): Promise<Relation> => {
    if (change?.kind === "replaced") {
      const { before: successions, end, former } = change;
      const signed = (former === "verified" ? verified : offered).manifest;
      const ended = { note: end.note, size: end.versions };
      const pair = { smaller: of(signed, signed.checkpoint.size), larger: ended };
      return {
        kind: "superseded",
        former,
        evidence: await proveFork({ genesis, successions, ...pair }, source),
      };
    }
    const { successions } = larger.manifest;
    const pair = { smaller: of(smaller.manifest, m), larger: of(larger.manifest, n) };
    return { kind: "forked", evidence: await proveFork({ genesis, successions, ...pair }, source) };
  };
  try {
    if (change?.kind === "contradicted")
      return { kind: "forked", evidence: await proveTwoSuccessors(genesis, change) };
    if (change !== undefined) {
      const former = (change.former === "verified" ? one : other).size;
      // More than its owner signed with that key.
      if (former > change.end.versions) return await forked(peakSource(larger.manifest));
    }
    if (m === n) {
      if (bytesEqual(one.root, other.root)) return { kind: "same" };
      return await forked(peakSource(larger.manifest));
    }
    // Of a version and the one before it, the head shows all that it takes.
    const leaves = n === m + 1 ? undefined : await manifestLeaves(larger, signal);
    const prefix = leaves === undefined ? larger.manifest.before : rangeOf(leaves, m);
    if (bytesEqual(prefix.root(), smaller.manifest.checkpoint.root))
      return { kind: larger === offered ? "extends" : "older" };
    return await forked(leaves === undefined ? peakSource(larger.manifest) : leafSource(leaves));
  } catch (cause) {
    throwIfAborted(signal);
    return { kind: "unverified", cause };
  }
}

function rangeOf(leaves: readonly Uint8Array[], count: number): CompactRange {
  const range = CompactRange.empty();
  for (const leaf of leaves.slice(0, count)) range.appendLeaf(leaf);
  return range;
}

function leafSource(leaves: readonly Uint8Array[]): SubtreeSource {
  const subtree = async (start: number, count: number): Promise<Uint8Array> => {
    if (count === 1) return leaves[start]!;
    const half = count / 2;
    return hashNode(await subtree(start, half), await subtree(start + half, half));
  };
  return { subtree };
}

// Of all versions but the newest there are the largest perfect subtrees: a path from one version to the next needs no others.
function peakSource({ before, bytes }: VerifiedManifest): SubtreeSource {
  const subtrees = new Map<string, Uint8Array>();
  let start = 0;
  for (const hash of before.hashes()) {
    const count = 2 ** Math.floor(Math.log2(before.size - start));
    subtrees.set(`${start}/${count}`, hash);
    start += count;
  }
  subtrees.set(`${start}/1`, manifestLeafHash(bytes));
  return { subtree: async (from, count) => subtrees.get(`${from}/${count}`)! };
}

function forged(why: string): IntegrityError {
  return new IntegrityError(`A manifest ${why}: corrupt or forged. Nothing of it was used.`, {
    operation: "manifest.verify",
  });
}
