// What the journal holds of the manifest: its newest version, the leaf hashes of all, what was signed, and what it names.

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { manifestLeafHash } from "../log/manifest.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import {
  manifestKey,
  manifestLeafKey,
  manifestLeafKeys,
  manifestObjectKey,
  manifestSignedKey,
} from "./keys.ts";

/** The versions of a manifest. */
export interface StoredVersions {
  /** The newest; `undefined` if there is none. */
  readonly bytes: Uint8Array | undefined;
  /** The Merkle leaf hashes of all of them, oldest first. */
  readonly leaves: readonly Uint8Array[];
}

/** What the journal holds of the manifest. */
export class ManifestRecords {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something is damaged or missing */
  async load(): Promise<StoredVersions> {
    const bytes = await this.#journal.get(manifestKey);
    const leaves: Uint8Array[] = [];
    for await (const [key, leaf] of this.#journal.range(manifestLeafKeys)) {
      if (!bytesEqual(key, manifestLeafKey(leaves.length + 1))) break;
      leaves.push(leaf.slice());
    }
    const newest = leaves[leaves.length - 1];
    const fits =
      bytes === undefined ? newest === undefined : newest && bytesEqual(newest, manifestLeafHash(bytes));
    if (fits !== true) throw corrupt("the versions of its manifest do not fit each other");
    return { bytes: bytes?.slice(), leaves };
  }

  /** The newest version by itself; `undefined` if there is none. */
  loadNewest(): Promise<Uint8Array | undefined> {
    return this.#journal.get(manifestKey);
  }

  /** The step of a batch that adds a version. */
  versionOperations(version: number, bytes: Uint8Array): BatchOperation[] {
    return [
      { type: "put", key: manifestKey, value: bytes },
      { type: "put", key: manifestLeafKey(version), value: manifestLeafHash(bytes) },
    ];
  }

  /** The steps of a batch that put other versions in the place of all, also of those that are damaged. */
  async replaceOperations({ bytes, leaves }: StoredVersions): Promise<BatchOperation[]> {
    const operations: BatchOperation[] = [];
    for await (const key of this.#journal.keys(manifestLeafKeys)) operations.push({ type: "del", key });
    leaves.forEach((leaf, i) => {
      operations.push({ type: "put", key: manifestLeafKey(i + 1), value: leaf });
    });
    operations.push(
      bytes === undefined
        ? { type: "del", key: manifestKey }
        : { type: "put", key: manifestKey, value: bytes },
    );
    return operations;
  }

  /** The largest checkpoint of the manifest that was ever signed, as a note. */
  async loadSigned(): Promise<string | undefined> {
    const note = await this.#journal.get(manifestSignedKey);
    return note && decodeUtf8Loosely(note);
  }

  /** The step of a batch that keeps the largest signed checkpoint of the manifest, or says that there is none. */
  signedOperation(note: string | undefined): BatchOperation {
    if (note === undefined) return { type: "del", key: manifestSignedKey };
    return { type: "put", key: manifestSignedKey, value: encodeUtf8(note) };
  }

  /** The step of a batch that keeps an object which the manifest names by its hash. */
  objectOperation(object: Uint8Array): BatchOperation {
    return { type: "put", key: manifestObjectKey(sha256(object)), value: object };
  }

  /**
   * An object that the manifest names.
   *
   * @param hash - its SHA-256
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it is missing
   */
  async loadObject(hash: Uint8Array): Promise<Uint8Array> {
    const object = await this.#journal.get(manifestObjectKey(hash));
    if (object === undefined || !bytesEqual(sha256(object), hash))
      throw corrupt("an object that its manifest names is missing");
    return object;
  }
}
