// What a head says of the manifest; docs/protocol.md, "The manifest".

import type { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import { type Checkpoint, checkpointOrigin } from "../checkpoint/index.ts";
import type { CompactRange } from "../merkle/index.ts";
import { encodeUtf8 } from "../utf8.ts";
import { NO_MANIFEST, type WireHeadManifest } from "../wire/head-manifest-message.ts";
import { encodeStoredObject } from "../wire/stored-object-message.ts";
import type { Manifest } from "./manifest.ts";
import type { SignedSuccession } from "./succession.ts";

/** The largest manifest that a head holds itself, in bytes. */
export const LARGEST_IN_HEAD = 1024;

/** From how many versions on their leaf hashes are stored: the head of a younger manifest shows all of them. */
export const LEAVES_FROM = 3;

/** An object that the manifest names by its hash, and where it is on a remote. */
export interface StoredObject {
  /** SHA-256 of its bytes. */
  readonly hash: Uint8Array;
  readonly address: Address;
}

/** What a head says of the manifest. */
export interface HeadManifest {
  /** The newest version. */
  readonly bytes: Uint8Array;
  /** The signed checkpoint of the versions: a C2SP signed note. */
  readonly note: string;
  /** The hashes of the perfect subtrees that the versions before it make up, largest first. */
  readonly peaks: readonly Uint8Array[];
  /** Where the newest version is stored, if the head does not hold it itself. */
  readonly address?: Address;
  /** Where the leaf hashes of all versions are stored, from the third version on. */
  readonly leaves?: Address;
  /** Where the objects are that the manifest names, if their addresses do not follow from their hashes. */
  readonly objects: readonly StoredObject[];
}

/** What a head says of the manifest, checked. */
export interface VerifiedManifest extends HeadManifest {
  /** What the newest version says. */
  readonly manifest: Manifest;
  /** What the note says: the number of versions, and their root. */
  readonly checkpoint: Checkpoint;
  /** The key that signs the checkpoints of the log by its word: an Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** How it came to be that key; none if it is that of the genesis record. */
  readonly successions: readonly SignedSuccession[];
  /** The tree of all versions but the newest. */
  readonly before: CompactRange;
}

/** The origin line of the checkpoints of a log's manifest. It is the name of the key, too. */
export function manifestOrigin(logId: string): string {
  return `${checkpointOrigin(logId)}/manifest`;
}

/** The fields of a head about the manifest. */
export function headManifestToWire(head: HeadManifest | undefined): WireHeadManifest {
  if (head === undefined) return NO_MANIFEST;
  const { bytes, note, peaks, address, leaves, objects } = head;
  return {
    bytes: address === undefined ? bytes : NO_MANIFEST.bytes,
    address: address?.bytes ?? NO_MANIFEST.address,
    checkpoint: encodeUtf8(note),
    path: concatBytes([...peaks].reverse()),
    leaves: leaves?.bytes ?? NO_MANIFEST.leaves,
    objects: objects.map((object) =>
      encodeStoredObject({ hash: object.hash, address: object.address.bytes }),
    ),
  };
}
