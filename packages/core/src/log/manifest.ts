// What a log says of itself, version by version; docs/protocol.md, "The manifest".

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { MalformedError } from "../errors/index.ts";
import { hashLeaf } from "../merkle/index.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { decodeManifest, encodeManifest as encodeWire } from "../wire/manifest-message.ts";

/** Which read key entries are sealed with, from one entry on. */
export interface Epoch {
  /** Sequence number of its first entry. */
  readonly first: number;
  /** The id of its read key, 16 bytes. */
  readonly keyId: Uint8Array;
  /** SHA-256 of its keyring, 32 bytes; absent if no reader is named. */
  readonly keyring?: Uint8Array;
  /** The read key of the epoch before, sealed with that of this one; absent in the first. */
  readonly earlier?: Uint8Array;
}

/** Entries in a row. */
export interface EntryRange {
  /** Sequence number of the first. */
  readonly first: number;
  /** How many they are; at least one. */
  readonly count: number;
}

/** What a log says of itself, whatever the version. */
export interface ManifestContent {
  /** The successions of signing keys, oldest first: each a signed note. */
  readonly successions: readonly string[];
  /** The epochs of read keys, oldest first. None if there was never another than the first. */
  readonly epochs: readonly Epoch[];
  /** Entries whose contents the writer took out: ranges in ascending order, not adjacent. */
  readonly removed: readonly EntryRange[];
  /** Contents of entries below this one are not kept: retention. 0 if all are. */
  readonly firstKept: number;
  /** Sequence number of the newest snapshot; absent if there is none. */
  readonly snapshot?: number;
  /** Where the log lives, sealed in a private log; absent if that is not said. */
  readonly remotes?: Uint8Array | undefined;
}

/** One version of what a log says of itself. */
export interface Manifest extends ManifestContent {
  /** Its number, from 1. */
  readonly version: number;
  /** SHA-256 of the version before, 32 bytes; absent in the first. */
  readonly previous?: Uint8Array;
}

/** The most bytes of an object that a manifest names. */
export const LARGEST_MANIFEST_OBJECT: number = 2 ** 20;

/** What a log says that has no manifest. */
export const nothingSaid: ManifestContent = { successions: [], epochs: [], removed: [], firstKept: 0 };

const none = new Uint8Array(0);

/**
 * Encodes a manifest.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a part is not as {@link Manifest} says, or it has more than 64 KiB
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { version, previous, successions, epochs, removed, firstKept, snapshot, remotes } = manifest;
  return encodeWire({
    version,
    previous: previous ?? none,
    successions: successions.map(encodeUtf8),
    epochs: epochs.map(({ keyring = none, ...epoch }) => ({ ...epoch, keyring })),
    removed,
    firstKept,
    snapshot: snapshot === undefined ? 0 : snapshot + 1,
    remotes: remotes ?? none,
  });
}

/**
 * Reads a manifest, of which nothing is verified yet.
 *
 * @throws MalformedError `ERR_MALFORMED`
 * @throws UnsupportedError `ERR_UNSUPPORTED` if it says what this package does not know, and must
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const { previous, successions, epochs, snapshot, remotes, ...others } = decodeManifest(bytes);
  return {
    ...others,
    successions: successions.map(readNote),
    epochs: epochs.map(({ keyring, ...epoch }) => ({ ...epoch, ...(keyring.length > 0 && { keyring }) })),
    ...(previous.length > 0 && { previous }),
    ...(snapshot > 0 && { snapshot: snapshot - 1 }),
    ...(remotes.length > 0 && { remotes }),
  };
}

/** The hash by which the version after it names a manifest. */
export function manifestHash(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** The Merkle leaf hash of a version: its data are the bytes of the version (RFC 9162 §2.1.1). */
export function manifestLeafHash(bytes: Uint8Array): Uint8Array {
  return hashLeaf(bytes);
}

/** Whether two manifests say the same, whatever their versions. */
export function saysSame(a: ManifestContent, b: ManifestContent): boolean {
  const encoded = ({
    successions,
    epochs,
    removed,
    firstKept,
    snapshot,
    remotes,
  }: ManifestContent): Uint8Array => {
    const rest = { ...(snapshot !== undefined && { snapshot }), ...(remotes && { remotes }) };
    return encodeManifest({ version: 1, successions, epochs, removed, firstKept, ...rest });
  };
  return bytesEqual(encoded(a), encoded(b));
}

/** The hashes of the objects that a manifest names: keyrings. */
export function namedObjects({ epochs }: Pick<ManifestContent, "epochs">): Uint8Array[] {
  return epochs.flatMap(({ keyring }) => keyring ?? []);
}

function readNote(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new MalformedError("A manifest has a succession that is not UTF-8 text.", {
    operation: "manifest.decode",
  });
}
