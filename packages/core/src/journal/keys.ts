// Every key begins with one letter that says what it holds. Numbers in keys are big-endian, so that the order of
// the keys is the order of the numbers.

import { concatBytes } from "../bytes.ts";
import { encodeUtf8 } from "../utf8.ts";

const text = (value: string): Uint8Array => encodeUtf8(value);

/** The genesis record. */
export const genesisKey: Uint8Array = text("g");

/** The Merkle tree at some size not long ago. */
export const treeKey: Uint8Array = text("t");

/** The largest checkpoint that was ever signed. */
export const signedKey: Uint8Array = text("s");

/** The newest version of the manifest. */
export const manifestKey: Uint8Array = text("m");

/** The largest checkpoint of the manifest that was ever signed. */
export const manifestSignedKey: Uint8Array = text("c");

/** The leaf hashes of all versions of the manifest. */
export const manifestLeafKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("l"),
  lt: text("m"),
};

/** The leaf hash of a version of the manifest. */
export function manifestLeafKey(version: number): Uint8Array {
  return numbered(text("l"), version);
}

/** An object that the manifest names by its hash. */
export function manifestObjectKey(hash: Uint8Array): Uint8Array {
  return concatBytes([text("b"), hash]);
}

/** Whom the writer has named as readers. */
export const readersKey: Uint8Array = text("p");

const entryPrefix = text("e");

/** An entry. */
export function entryKey(sequence: number): Uint8Array {
  return numbered(entryPrefix, sequence);
}

/**
 * What is left of an entry whose content was removed: right behind the place of the entry itself, so that one range of keys
 * holds both.
 */
export function removedKey(sequence: number): Uint8Array {
  return behind(entryKey(sequence));
}

/** An entry that a recovery moved aside, and has not put back yet. */
export function asideKey(sequence: number): Uint8Array {
  return numbered(text("a"), sequence);
}

/** What is left of a removed entry that a recovery moved aside. */
export function asideRemovedKey(sequence: number): Uint8Array {
  return behind(asideKey(sequence));
}

/** Whether a key is that of a removed entry, in its place or aside. */
export function isRemovedKey(key: Uint8Array): boolean {
  return key.length === 10;
}

/** The sequence number in the key of an entry, in either form. */
export function sequenceIn(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset);
  return view.getUint32(1) * 2 ** 32 + view.getUint32(5);
}

/** The entries whose contents are removed from the journal. */
export const removedRangesKey: Uint8Array = text("d");

/** How many entries the log had at some minute. */
export function timeKey(minute: number): Uint8Array {
  return numbered(text("h"), minute);
}

/** How many entries the log had, minute by minute. */
export const timeKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("h"),
  lt: text("i"),
};

/** Where an unfinished recovery began. */
export const recoveryKey: Uint8Array = text("v");

/** How many recoveries were completed. */
export const recoveriesKey: Uint8Array = text("w");

/**
 * What is known of a remote: `"state"` (what was published), `"intent"`, `"content"` (of the intent), `"tree"`, `"doubt"`,
 * `"manifest"`, `"removed"`.
 */
export function remoteKey(
  label: string,
  part:
    | "state"
    | "intent"
    | "content"
    | "head"
    | "heads"
    | "tree"
    | "doubt"
    | "manifest"
    | "removed"
    | "form",
): Uint8Array {
  return text(`r${label}\0${part}`);
}

/** All that is known of remotes. */
export const remoteKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("r"),
  lt: text("s"),
};

/** The refs of the indexes of all remotes. */
export const remoteRefKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("n"),
  lt: text("o"),
};

/** The records of uploads to all remotes. */
export const uploadKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("u"),
  lt: text("v"),
};

/** A ref of a remote's index. */
export function refKey(label: string, level: number, index: number): Uint8Array {
  return numbered(text(`n${label}\0${String.fromCharCode(level)}`), index);
}

/** The bundles of all remotes. */
export const bundleKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("k"),
  lt: text("l"),
};

/** A bundle of a remote, by the number of its first page. */
export function bundleKey(label: string, first: number): Uint8Array {
  return numbered(text(`k${label}\0`), first);
}

/** A record of uploads to a remote that were acknowledged. */
export function uploadsKey(label: string, number: number): Uint8Array {
  return numbered(text(`u${label}\0`), number);
}

/** All records of uploads to a remote. */
export function uploadsKeys(label: string): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: text(`u${label}\0`), lt: text(`u${label}\x01`) };
}

/** A record of objects on a remote that no head leads to any more. */
export function oldObjectsKey(label: string, number: number): Uint8Array {
  return numbered(text(`x${label}\0`), number);
}

/** All records of such objects on a remote. */
export function oldObjectsKeys(label: string): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: text(`x${label}\0`), lt: text(`x${label}\x01`) };
}

/** The records of such objects on all remotes. */
export const allOldObjectsKeys: { readonly gte: Uint8Array; readonly lt: Uint8Array } = {
  gte: text("x"),
  lt: text("y"),
};

/** All that is known of one remote: its records, the refs and bundles of its index, its uploads, and what is to be deleted there. */
export function keysOfRemote(
  label: string,
): readonly { readonly gte: Uint8Array; readonly lt: Uint8Array }[] {
  return ["r", "n", "k", "u", "x"].map((kind) => ({
    gte: text(`${kind}${label}\0`),
    lt: text(`${kind}${label}\x01`),
  }));
}

/** The number at the end of a key. */
export function numberIn(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset + key.length - 8);
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
}

function behind(key: Uint8Array): Uint8Array {
  const longer = new Uint8Array(key.length + 1);
  longer.set(key);
  return longer;
}

function numbered(prefix: Uint8Array, value: number): Uint8Array {
  const { length } = prefix;
  const key = new Uint8Array(length + 8);
  key.set(prefix);
  const high = Math.floor(value / 2 ** 32);
  // Not with a view: one for each key takes longer than all else here. An array of bytes keeps the lowest 8 bits.
  for (let i = 0; i < 4; i++) {
    key[length + i] = high >>> (24 - 8 * i);
    key[length + 4 + i] = value >>> (24 - 8 * i);
  }
  return key;
}
