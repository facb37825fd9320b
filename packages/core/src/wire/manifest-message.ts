// The message Manifest: what a log says of itself; docs/protocol.md, "The manifest".

import { HASH_BYTES } from "../crypto/sha256.ts";
import { UnsupportedError } from "../errors/index.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { fieldOf, invalid, malformed, type Refuse } from "./refusal.ts";

/** The most bytes of a manifest. */
export const MAX_MANIFEST_BYTES = 65_536;

/** The most versions of a manifest. */
export const MAX_MANIFEST_VERSIONS = 65_536;

/** The length of the id of a read key, in bytes. */
export const KEY_ID_BYTES = 16;

/** The length of a sealed read key, in bytes: the key, and the tag of Poly1305. */
export const EARLIER_BYTES = 48;

/** The most signing keys that a log can have had before the present one. */
const MAX_SUCCESSIONS = 255;
const MAX_SUCCESSION_BYTES = 1024;
const MAX_EPOCHS = 1024;
const MAX_REMOVALS = 8192;
const MAX_REMOTES_BYTES = 32_768;

/** A reader has to understand fields up to this one, and may skip those above. */
const LAST_CRITICAL_FIELD = 31;

/** Which read key entries are sealed with, from one entry on (`vac.cas.Epoch`). */
interface WireEpoch {
  /** Sequence number of its first entry. */
  readonly first: number;
  /** The id of its read key, {@link KEY_ID_BYTES} bytes. */
  readonly keyId: Uint8Array;
  /** SHA-256 of its keyring, 32 bytes; empty if no reader is named. */
  readonly keyring: Uint8Array;
  /** The read key of the epoch before, sealed with that of this one, {@link EARLIER_BYTES} bytes; absent in the first. */
  readonly earlier?: Uint8Array;
}

/** Entries whose contents the writer took out (`vac.cas.Removal`). */
interface WireRemoval {
  /** Sequence number of the first. */
  readonly first: number;
  /** How many they are; at least one. */
  readonly count: number;
}

/** One version of what a log says of itself (`vac.cas.Manifest`). */
export interface WireManifest {
  /** Its number, from 1. */
  readonly version: number;
  /** SHA-256 of the version before, 32 bytes; empty in the first. */
  readonly previous: Uint8Array;
  /** The successions of signing keys, oldest first: each a signed note in UTF-8. */
  readonly successions: readonly Uint8Array[];
  /** The epochs of read keys, oldest first. */
  readonly epochs: readonly WireEpoch[];
  /** The ranges whose contents were taken out: in ascending order, and not adjacent. */
  readonly removed: readonly WireRemoval[];
  /** Contents of entries below this one are not kept. */
  readonly firstKept: number;
  /** Sequence number of the newest snapshot, plus 1; 0 if there is none. */
  readonly snapshot: number;
  /** Where the log lives; empty if that is not said. Sealed in a private log. */
  readonly remotes: Uint8Array;
}

/**
 * Encodes a manifest.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if {@link decodeManifest} would refuse it
 */
export function encodeManifest(manifest: WireManifest): Uint8Array {
  checkManifest(manifest, invalid);
  const writer = new ProtobufWriter("Manifest");
  writer.uint64(1, manifest.version);
  writer.bytes(2, manifest.previous);
  for (const note of manifest.successions) writer.element(3, note);
  for (const epoch of manifest.epochs) writer.message(4, epoch, writeEpoch);
  for (const removal of manifest.removed) writer.message(5, removal, writeRemoval);
  writer.uint64(6, manifest.firstKept);
  writer.uint64(7, manifest.snapshot);
  writer.bytes(8, manifest.remotes);
  const bytes = writer.finish();
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw invalid("message Manifest", `has ${bytes.length} bytes, and at most ${MAX_MANIFEST_BYTES} may be`);
  }
  return bytes;
}

/**
 * Decodes a manifest. What it returns are views of `bytes`. Unknown fields from 32 on are skipped.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` for an unknown field up to 31: a reader that skipped it would get the log wrong
 * @throws MalformedError `ERR_MALFORMED` for anything else but one manifest within the limits
 */
export function decodeManifest(bytes: Uint8Array): WireManifest {
  const reader = new ProtobufReader(bytes, "Manifest", { maxBytes: MAX_MANIFEST_BYTES });
  const successions: Uint8Array[] = [];
  const epochs: WireEpoch[] = [];
  const removed: WireRemoval[] = [];
  let version: number | undefined;
  let previous: Uint8Array | undefined;
  let firstKept: number | undefined;
  let snapshot: number | undefined;
  let remotes: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        version = reader.uint64Once("version", version);
        break;
      case 2:
        previous = reader.bytesOnce("previous", previous);
        break;
      case 3:
        reader.limit("succession", successions.length, MAX_SUCCESSIONS);
        successions.push(reader.bytes("succession"));
        break;
      case 4:
        reader.limit("epoch", epochs.length, MAX_EPOCHS);
        epochs.push(readEpoch(reader.message("epoch", "Epoch")));
        break;
      case 5:
        reader.limit("removed", removed.length, MAX_REMOVALS);
        removed.push(readRemoval(reader.message("removed", "Removal")));
        break;
      case 6:
        firstKept = reader.uint64Once("firstKept", firstKept);
        break;
      case 7:
        snapshot = reader.uint64Once("snapshot", snapshot);
        break;
      case 8:
        remotes = reader.bytesOnce("remotes", remotes);
        break;
      default:
        if (reader.field <= LAST_CRITICAL_FIELD) throw newer(reader.field);
        reader.skip();
    }
  }
  const manifest: WireManifest = {
    version: version ?? 0,
    previous: previous ?? EMPTY,
    successions,
    epochs,
    removed,
    firstKept: firstKept ?? 0,
    snapshot: snapshot ?? 0,
    remotes: remotes ?? EMPTY,
  };
  checkManifest(manifest, malformed);
  return manifest;
}

function writeEpoch(writer: ProtobufWriter, { first, keyId, keyring, earlier }: WireEpoch): void {
  writer.uint64(1, first);
  writer.bytes(2, keyId);
  writer.bytes(3, keyring);
  if (earlier !== undefined) writer.bytes(4, earlier);
}

function readEpoch(reader: ProtobufReader): WireEpoch {
  let first: number | undefined;
  let keyId: Uint8Array | undefined;
  let keyring: Uint8Array | undefined;
  let earlier: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        first = reader.uint64Once("first", first);
        break;
      case 2:
        keyId = reader.bytesOnce("keyId", keyId);
        break;
      case 3:
        keyring = reader.bytesOnce("keyring", keyring);
        break;
      case 4:
        earlier = reader.bytesOnce("earlier", earlier);
        break;
      default:
        reader.skip();
    }
  }
  return { first: first ?? 0, keyId: keyId ?? EMPTY, keyring: keyring ?? EMPTY, ...(earlier && { earlier }) };
}

function writeRemoval(writer: ProtobufWriter, { first, count }: WireRemoval): void {
  writer.uint64(1, first);
  writer.uint64(2, count);
}

function readRemoval(reader: ProtobufReader): WireRemoval {
  let first: number | undefined;
  let count: number | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        first = reader.uint64Once("first", first);
        break;
      case 2:
        count = reader.uint64Once("count", count);
        break;
      default:
        reader.skip();
    }
  }
  return { first: first ?? 0, count: count ?? 0 };
}

function checkManifest(manifest: WireManifest, refuse: Refuse): void {
  const { version, previous, successions, epochs, removed, remotes } = manifest;
  if (version === 0 || version > MAX_MANIFEST_VERSIONS) {
    throw refuse(fieldOf("Manifest", "version"), `is ${version}, not 1 to ${MAX_MANIFEST_VERSIONS}`);
  }
  const expected = version === 1 ? 0 : HASH_BYTES;
  if (previous.length !== expected) {
    throw refuse(
      fieldOf("Manifest", "previous"),
      `has ${previous.length} bytes in version ${version}, not ${expected}`,
    );
  }
  checkCount(successions, MAX_SUCCESSIONS, "succession", refuse);
  for (const { length } of successions) {
    if (length > 0 && length <= MAX_SUCCESSION_BYTES) continue;
    throw refuse(fieldOf("Manifest", "succession"), `has ${length} bytes, not 1 to ${MAX_SUCCESSION_BYTES}`);
  }
  checkEpochs(epochs, refuse);
  checkRemovals(removed, refuse);
  if (remotes.length > MAX_REMOTES_BYTES) {
    throw refuse(
      fieldOf("Manifest", "remotes"),
      `has ${remotes.length} bytes, and at most ${MAX_REMOTES_BYTES} may be`,
    );
  }
}

function checkEpochs(epochs: readonly WireEpoch[], refuse: Refuse): void {
  checkCount(epochs, MAX_EPOCHS, "epoch", refuse);
  let before = 0;
  epochs.forEach(({ first, keyId, keyring, earlier }, i) => {
    // An epoch may be over before it has an entry.
    if (i === 0 ? first !== 0 : first < before) {
      throw refuse(fieldOf("Epoch", "first"), `is ${first} in epoch ${i}, which can't begin there`);
    }
    if (keyId.length !== KEY_ID_BYTES) {
      throw refuse(fieldOf("Epoch", "keyId"), `has ${keyId.length} bytes, not ${KEY_ID_BYTES}`);
    }
    if (keyring.length !== 0 && keyring.length !== HASH_BYTES) {
      throw refuse(fieldOf("Epoch", "keyring"), `has ${keyring.length} bytes, not ${HASH_BYTES} or none`);
    }
    if (earlier !== undefined && (i === 0 || earlier.length !== EARLIER_BYTES)) {
      throw refuse(fieldOf("Epoch", "earlier"), `has ${earlier.length} bytes in epoch ${i}, and can't`);
    }
    before = first;
  });
}

function checkRemovals(removed: readonly WireRemoval[], refuse: Refuse): void {
  checkCount(removed, MAX_REMOVALS, "removed", refuse);
  let least = 0;
  for (const { first, count } of removed) {
    if (count === 0) throw refuse(fieldOf("Removal", "count"), "is missing");
    if (first < least) {
      throw refuse(
        fieldOf("Removal", "first"),
        `is ${first}, and what was removed before it ends there or later`,
      );
    }
    // One entry stays between two ranges: else they are one.
    least = first + count + 1;
    if (!Number.isSafeInteger(least)) {
      throw refuse(fieldOf("Removal", "count"), `is ${count}, which is more than a log can have`);
    }
  }
}

function checkCount({ length }: readonly unknown[], most: number, field: string, refuse: Refuse): void {
  if (length <= most) return;
  throw refuse(fieldOf("Manifest", field), `has ${length} elements, and at most ${most} may be`);
}

function newer(field: number): UnsupportedError {
  return new UnsupportedError(
    `The manifest of this log has a field ${field} that is not known here, and that has to be understood. A newer release may ` +
      "know it.",
    { operation: "wire.decode" },
  );
}
