// The newest manifest in a reader's store.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { Address } from "../address/address.ts";
import { hasCode } from "../errors/index.ts";
import { type IdentifiedGenesis, readGenesis } from "../log/genesis.ts";
import type { HeadManifest, VerifiedManifest } from "../log/head-manifest.ts";
import { verifyManifest } from "../log/verified-manifest.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { damaged, type ReaderMemory, readRecord, recordBytes, refused } from "./reader-memory.ts";
import { type ReaderStore, sameValue } from "./reader-store.ts";

/** What the store held of the manifest at one moment. */
export interface SavedManifest {
  readonly kept: KeptManifest | undefined;
  /** The bytes of the record, which a save has to find unchanged; `undefined` if there is none. */
  readonly bytes: Uint8Array | undefined;
}

/** A manifest that is kept, and the log that it is of. */
export interface KeptManifest {
  readonly genesis: IdentifiedGenesis;
  readonly manifest: VerifiedManifest;
  /** Label of the remote that showed it; absent if an earlier version kept it. */
  readonly label?: string;
}

/** The record of the newest manifest in the store, under the key `<log id>/manifest`. */
interface ManifestRecord {
  readonly genesis: string;
  readonly label?: string;
  readonly bytes: string;
  readonly note: string;
  readonly peaks: readonly string[];
  readonly leaves?: string;
  readonly objects: readonly { readonly hash: string; readonly address: string }[];
}

/** The manifest of a log in the reader's store: kept between runs, and shared with other readers of the store. */
export class ManifestMemory {
  readonly #store: ReaderStore;
  readonly #key: string;
  readonly #logId: string;
  #seen: SavedManifest | undefined;

  constructor(memory: ReaderMemory) {
    const [store, logId] = memory.place;
    this.#store = store;
    this.#key = `${logId}/manifest`;
    this.#logId = logId;
  }

  /**
   * The manifest that readers of the store kept.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it was damaged
   */
  async load(options: OperationOptions = {}): Promise<SavedManifest> {
    const bytes = await this.#store.get(this.#key, options);
    if (this.#seen !== undefined && sameValue(bytes, this.#seen.bytes)) return this.#seen;
    const record = readRecord<ManifestRecord>("manifest", bytes, isObject);
    try {
      this.#seen = { kept: record && (await keptIn(record, this.#logId)), bytes };
    } catch (cause) {
      // A newer release kept it.
      if (hasCode(cause, "ERR_UNSUPPORTED")) throw cause;
      throw damaged("manifest", cause);
    }
    return this.#seen;
  }

  /**
   * Saves a newer manifest, unless another reader saved one since.
   *
   * @param since - what the newer one was compared with
   * @returns whether it was saved
   */
  async save(since: Uint8Array | undefined, kept: KeptManifest): Promise<boolean> {
    const bytes = recordBytes(recordOfManifest(kept));
    if (await this.#store.compareAndSet(this.#key, since, bytes)) {
      this.#seen = { kept, bytes };
      return true;
    }
    if (sameValue((await this.load()).bytes, since)) throw refused();
    return false;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function recordOfManifest({ genesis, manifest, label }: KeptManifest): ManifestRecord {
  const { bytes, note, peaks, leaves, objects } = manifest;
  return {
    genesis: bytesToHex(genesis.bytes),
    ...(label !== undefined && { label }),
    bytes: bytesToHex(bytes),
    note,
    peaks: peaks.map(bytesToHex),
    ...(leaves && { leaves: leaves.toString() }),
    objects: objects.map(({ hash, address }) => ({ hash: bytesToHex(hash), address: address.toString() })),
  };
}

async function keptIn(record: ManifestRecord, logId: string): Promise<KeptManifest> {
  const genesis = readGenesis(hexToBytes(record.genesis));
  if (genesis.logId !== logId) throw damaged("manifest");
  const head: HeadManifest = {
    bytes: hexToBytes(record.bytes),
    note: record.note,
    peaks: record.peaks.map(hexToBytes),
    ...(record.leaves !== undefined && { leaves: Address.fromString(record.leaves) }),
    objects: record.objects.map(({ hash, address }) => ({
      hash: hexToBytes(hash),
      address: Address.fromString(address),
    })),
  };
  const { label } = record;
  const manifest = await verifyManifest(head, genesis);
  return {
    genesis,
    manifest,
    ...(typeof label === "string" && { label }),
  };
}
