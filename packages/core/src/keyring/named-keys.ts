// The keys of a reader whom the writer has named: out of the keyrings of a log, as far as they are needed.

import { bytesToHex } from "@noble/hashes/utils.js";
import { Address } from "../address/address.ts";
import { rawSha256 } from "../address/hash-type.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError, isRemoteLogError, NoKeyError } from "../errors/index.ts";
import { epochAt, epochKeys } from "../log/epoch-keys.ts";
import { epochOpening } from "../log/epoch-opening.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { HeadManifest } from "../log/head-manifest.ts";
import { type Epoch, LARGEST_MANIFEST_OBJECT } from "../log/manifest.ts";
import type { ReadKey } from "../log/read-key.ts";
import type { Sealing } from "../log/sealing.ts";
import type { KeyringOpener, OpenedKeyring } from "./opened-keyring.ts";

/** Which entries are to be opened, and how keyrings are read. */
export interface NamedReading {
  /** First sequence number. */
  readonly from: number;
  /** The epochs that the log names. */
  readonly epochs: readonly Epoch[] | undefined;
  readonly signal: AbortSignal;
}

/** A verified head, and the storage on which the keyrings of the log are. */
export interface KeyringPlace {
  readonly head: {
    readonly genesis: IdentifiedGenesis;
    readonly manifest?: Pick<HeadManifest, "objects">;
  };
  object(address: Address, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** The keys of a reader by name. What a keyring gave is not read again. */
export class NamedKeys {
  readonly #identity: KeyringOpener;
  /** What a keyring gave, by its hash, or why it gave nothing. */
  readonly #opened = new Map<string, OpenedKeyring | NoKeyError>();

  constructor(identity: KeyringOpener) {
    this.#identity = identity;
  }

  /** See `ReaderIdentity.openingOf`. Begins at the newest epoch, for its keyring alone is enough for a reader with history. */
  async openingOf(
    place: KeyringPlace,
    { from, epochs = [], signal }: NamedReading,
  ): Promise<Pick<Sealing, "open">> {
    const { logId, genesis } = place.head.genesis;
    const keys = new Map<number, Uint8Array>();
    const first = epochAt(epochs, from);
    let refusal: NoKeyError | undefined;
    for (let epoch = epochs.length - 1; epoch >= first; epoch--) {
      const hash = epochs[epoch]!.keyring;
      if (hash === undefined || keys.has(epoch)) continue;
      const opened = await this.#open(hash, { logId, epoch }, () => readKeyring(place, hash, signal));
      if (opened instanceof NoKeyError) refusal ??= opened;
      // The ids of the keys are compared: a writer may have named another keyring.
      else for (const [of, key] of epochKeys(opened.key.toBytes(), logId, epochs)) keys.set(of, key);
    }
    if (keys.size === 0) throw refusal ?? (await this.#nobody(logId));
    return epochOpening(keys, { logId, genesis, epochs }, "not-granted");
  }

  /** See `ReaderIdentity.newestKey`. */
  async newestKey(
    places: readonly KeyringPlace[],
    epochs: readonly Epoch[],
    signal: AbortSignal,
  ): Promise<Pick<ReadKey, "toBytes"> | undefined> {
    const epoch = epochs.length - 1;
    const hash = epochs[epoch]?.keyring;
    if (hash === undefined) return undefined;
    for (const place of places) {
      const { logId } = place.head.genesis;
      const read = (): Promise<Uint8Array> => readKeyring(place, hash, signal);
      const opened = await this.#open(hash, { logId, epoch }, read).catch((error: unknown) => {
        throwIfAborted(signal);
        if (isRemoteLogError(error)) return undefined;
        throw error;
      });
      if (opened instanceof NoKeyError) return undefined;
      const key = opened && epochKeys(opened.key.toBytes(), logId, epochs).get(epoch);
      if (key !== undefined) return { toBytes: () => key };
    }
    return undefined;
  }

  async #open(
    hash: Uint8Array,
    place: { readonly logId: string; readonly epoch: number },
    read: () => Promise<Uint8Array>,
  ): Promise<OpenedKeyring | NoKeyError> {
    const known = this.#opened.get(bytesToHex(hash));
    if (known !== undefined) return known;
    const keyring = await read();
    // An address of another hash type says nothing about the hash that was signed.
    if (!bytesEqual(sha256(keyring), hash)) throw otherKeyring(place);
    const opened = await this.#identity.open(keyring, place).catch((error: unknown) => {
      if (error instanceof NoKeyError) return error;
      throw error;
    });
    this.#opened.set(bytesToHex(hash), opened);
    return opened;
  }

  async #nobody(logId: string): Promise<NoKeyError> {
    const recipients = await this.#identity.recipients();
    return new NoKeyError(
      `The writer of log ${logId} has named no readers of these entries. Ask the writer to grant you access: ` +
        `rlog grant ${recipients.join(" ")}`,
      { operation: "keyring.open", reason: "not-granted" },
    );
  }
}

function readKeyring(place: KeyringPlace, hash: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const listed = place.head.manifest?.objects.find((one) => bytesEqual(one.hash, hash));
  const address = listed?.address ?? Address.create(rawSha256.codec, rawSha256.hash, hash);
  return place.object(address, LARGEST_MANIFEST_OBJECT, signal);
}

function otherKeyring({ logId, epoch }: { readonly logId: string; readonly epoch: number }): IntegrityError {
  return new IntegrityError(
    `What storage shows as the keyring of epoch ${epoch} of log ${logId} is not what its writer signed.`,
    { operation: "keyring.open" },
  );
}
