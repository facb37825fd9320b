// The records of entries: whole ones, and what is left of those whose contents were removed.

import { bytesEqual, concatBytes } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Sealed, Sealing } from "../log/sealing.ts";
import { corrupt } from "./corrupt.ts";
import type { BatchOperation } from "./database.ts";
import { entryKey, removedKey } from "./keys.ts";

/** What the journal keeps of an entry. */
export interface AppendedEntry {
  readonly sequence: number;
  /** What the log has of it beside its content, to check the content against. */
  readonly localHash: Uint8Array;
  /** What the application appended. */
  readonly content: Uint8Array;
}

/** An entry that was read from the journal. */
export interface JournalEntry extends AppendedEntry, Sealed {
  readonly removed?: false;
}

/** An entry whose content was removed: its two hashes are left, so that its place in the tree can be proven. */
export interface RemovedEntry extends Pick<Sealed, "localHash" | "contentHash"> {
  readonly sequence: number;
  readonly removed: true;
}

/**
 * Reads the record of an entry, in either form.
 *
 * @returns `undefined` if the key is that of another entry
 */
export function readRecord(
  sequence: number,
  key: Uint8Array,
  value: Uint8Array,
  sealing: Sealing,
): JournalEntry | RemovedEntry | undefined {
  if (bytesEqual(key, entryKey(sequence))) return readEntry(sequence, value, sealing);
  return bytesEqual(key, removedKey(sequence)) ? readRemoved(sequence, value) : undefined;
}

/** The step of a batch that keeps the two hashes of an entry. */
export function leftOperation({
  sequence,
  localHash,
  contentHash,
}: Pick<RemovedEntry, "sequence" | "localHash" | "contentHash">): BatchOperation {
  return { type: "put", key: removedKey(sequence), value: concatBytes([localHash, contentHash]) };
}

/** Reads what is left of an entry whose content was removed. */
export function readRemoved(sequence: number, value: Uint8Array): RemovedEntry {
  if (value.length !== 2 * HASH_BYTES) throw corrupt(`what is left of entry ${sequence} is damaged`);
  const localHash = value.slice(0, HASH_BYTES);
  return { sequence, removed: true, localHash, contentHash: value.slice(HASH_BYTES) };
}

/** Reads the stored form of an entry, and checks it. */
export function readEntry(sequence: number, value: Uint8Array, sealing: Sealing): JournalEntry {
  const content = new Uint8Array(value.subarray(HASH_BYTES));
  const sealed = sealing.seal(sequence, content, value.subarray(0, HASH_BYTES));
  checkLocalHash(sequence, value, sealed);
  return { sequence, content, ...sealed };
}

/**
 * The Merkle leaf hash of an entry, from its record in either form, which is checked.
 *
 * @returns `undefined` if the key is that of another entry
 */
export function readLeafHash(
  sequence: number,
  key: Uint8Array,
  value: Uint8Array,
  sealing: Sealing,
): Uint8Array | undefined {
  if (bytesEqual(key, removedKey(sequence))) {
    const { localHash, contentHash } = readRemoved(sequence, value);
    return leafHashOf(localHash, contentHash);
  }
  if (!bytesEqual(key, entryKey(sequence))) return undefined;
  const content = value.subarray(HASH_BYTES);
  const identified = sealing.identify(sequence, content, value.subarray(0, HASH_BYTES));
  checkLocalHash(sequence, value, identified);
  return leafHashOf(identified.localHash, sealing.contentHash(content, identified));
}

function checkLocalHash(
  sequence: number,
  value: Uint8Array,
  { localHash }: Pick<AppendedEntry, "localHash">,
): void {
  if (!bytesEqual(localHash, value.subarray(0, HASH_BYTES))) throw corrupt(`entry ${sequence} is damaged`);
}
