// Who may read, and with which key: begins epochs, and makes their keyrings; docs/protocol.md, "Epochs".

import { bytesToHex } from "@noble/hashes/utils.js";
import { sha256 } from "../crypto/sha256.ts";
import { InvalidInputError, TooLargeError } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { Journal } from "../journal/journal.ts";
import {
  loadReaders,
  type ReaderRecord,
  type ReadersRecord,
  readersOperation,
} from "../journal/reader-records.ts";
import { epochKeyOf, keyIdOf, sealEarlierKey } from "../log/epoch-keys.ts";
import { MOST_EPOCHS } from "../log/epoch-sealing.ts";
import type { EpochSecrets, KnownEpochs } from "../log/epoch-secrets.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { Epoch } from "../log/manifest.ts";
import { ReadKey } from "../log/read-key.ts";
import { openRemotes, sealRemotes } from "../log/sealed-remotes.ts";
import { timeNow } from "../runtime/clock.ts";
import type { ManifestKeeper } from "./manifest-keeper.ts";

/** When the read key changes by itself. */
export interface KeyRotation {
  /** After how many entries. A batch is not divided, so that there may be some more. */
  readonly afterEntries?: number | undefined;
  /** After how long, in milliseconds, by the clock of this device; with the next append. */
  readonly afterMilliseconds?: number | undefined;
}

/** What the epochs of a log are made of. */
export interface EpochParts {
  /** The read keys of all epochs. */
  readonly secrets: EpochSecrets;
  readonly genesis: IdentifiedGenesis;
  readonly journal: Journal;
  readonly manifests: ManifestKeeper;
  readonly rotation: KeyRotation | undefined;
}

/** Epochs that are left for readers to be shut out, when keys no longer change by themselves. */
const LEFT_FOR_REVOCATIONS = 32;

/** What a change of the readers makes of them. */
type Change = (readers: readonly ReaderRecord[]) => readonly ReaderRecord[];

/** The epochs of a private log, and who may read them. Nothing may be appended while it changes them. */
export class EpochKeeper {
  readonly #secrets: EpochSecrets;
  readonly #genesis: IdentifiedGenesis;
  readonly #journal: Journal;
  readonly #manifests: ManifestKeeper;
  readonly #rotation: KeyRotation;
  #record: ReadersRecord | undefined;

  private constructor(parts: EpochParts, record: ReadersRecord | undefined) {
    this.#secrets = parts.secrets;
    this.#genesis = parts.genesis;
    this.#journal = parts.journal;
    this.#manifests = parts.manifests;
    this.#rotation = parts.rotation ?? {};
    this.#record = record;
  }

  /** Loads whom the journal names. */
  static async load(parts: EpochParts): Promise<EpochKeeper> {
    return new EpochKeeper(parts, await loadReaders(parts.journal));
  }

  /** The number of the newest epoch. */
  get epoch(): number {
    return Math.max(0, this.#manifests.content.epochs.length - 1);
  }

  /** The read key of the newest epoch, which leads to all before it. */
  get readKey(): ReadKey {
    return this.#readKey(this.epoch);
  }

  /** The key that seals the entries of the newest epoch, and opens no others. */
  get epochKey(): ReadKey {
    return this.#epochKey(this.epoch);
  }

  /** Whom this device knows as readers: nobody if another device has changed them since. */
  get readers(): readonly ReaderRecord[] {
    return this.#isCurrent ? (this.#record?.readers ?? []) : [];
  }

  get #isCurrent(): boolean {
    const newest = this.#newest?.keyring;
    return (newest === undefined ? "" : bytesToHex(newest)) === this.#record?.keyring;
  }

  get #namesAreLost(): boolean {
    return this.#newest?.keyring !== undefined && !this.#isCurrent;
  }

  get #newest(): Epoch | undefined {
    return this.#manifests.content.epochs[this.epoch];
  }

  /**
   * Names readers. Without history they read from the next entry on: if the epoch has entries already, another one begins.
   *
   * @param size - the number of entries
   * @returns whether anything has changed
   */
  async grant(recipients: readonly string[], withHistory: boolean, size: number): Promise<boolean> {
    const known = new Map(this.readers.map((one) => [one.recipient, one]));
    const isNew = (recipient: string): boolean => {
      const one = known.get(recipient);
      return one === undefined || (withHistory && !one.withHistory);
    };
    const added = [...new Set(recipients)].filter(isNew);
    if (added.length === 0) return false;
    const from = withHistory ? 0 : size;
    const change: Change = (readers) => [
      ...readers.filter(({ recipient }) => !added.includes(recipient)),
      ...added.map((recipient) => ({ recipient, withHistory, from })),
    ];
    // Those whom the present keyring names, and this device does not know, keep what they have.
    const begins = this.#namesAreLost || (!withHistory && this.#first < size);
    await this.#change(change, size, { begins });
    return true;
  }

  /** Shuts readers out, from the next entry on: another epoch begins. */
  async revoke(recipients: readonly string[], size: number): Promise<void> {
    const change: Change = (readers) => readers.filter(({ recipient }) => !recipients.includes(recipient));
    await this.#change(change, size, { begins: true });
  }

  /**
   * Begins another epoch for the same readers, with a key that does not follow from the seed of the former signing key.
   *
   * @param successions - all of the log, the newest included
   */
  async succeeded(successions: readonly string[], size: number): Promise<void> {
    await this.#change((readers) => readers, size, { begins: true, successions });
  }

  /** Begins another epoch for the same readers, if the setting says so. Called before entries are sealed. */
  async rotateIfDue(size: number): Promise<void> {
    const { afterEntries = Infinity, afterMilliseconds = Infinity } = this.#rotation;
    if (afterEntries === Infinity && afterMilliseconds === Infinity) return;
    if (size <= this.#first || this.epoch + 1 >= MOST_EPOCHS - LEFT_FOR_REVOCATIONS) return;
    // A journal that came back without its readers does not know whom the keyring names: they would all be shut out.
    if (this.#namesAreLost) return;
    if (this.#record === undefined) {
      // From now on: nobody knows how old the epoch is.
      this.#record = { readers: [], began: timeNow(), version: 0, keyring: "" };
      await this.#journal.write([readersOperation(this.#record)], false);
    }
    const isDue = size - this.#first >= afterEntries || timeNow() - this.#record.began >= afterMilliseconds;
    if (isDue) await this.#change((readers) => readers, size, { begins: true });
  }

  /**
   * Continues after a recovery. If it put the epochs of another device in the place of what was changed here and not published,
   * another one begins, for the readers that are named here: whoever was shut out stays out.
   *
   * @param commonVersion - the newest version of the manifest that both had; all that is here, if none of another was taken over
   */
  async recovered(size: number, commonVersion: number = Infinity): Promise<void> {
    const record = this.#record;
    if (record === undefined || record.version <= commonVersion || this.#isCurrent) return;
    await this.#change(() => record.readers, size, { begins: true });
  }

  get #first(): number {
    return this.#newest?.first ?? 0;
  }

  async #change(
    change: Change,
    size: number,
    { begins, successions }: { readonly begins: boolean; readonly successions?: readonly string[] },
  ): Promise<void> {
    const readers = change(this.readers);
    const { content } = this.#manifests;
    const present = content.successions.length;
    const generation = successions?.length ?? present;
    const known = content.epochs.length > 0 ? content.epochs : [this.#begun(0, 0, present)];
    if (begins && known.length >= MOST_EPOCHS) throw full();
    const number = begins ? known.length : known.length - 1;
    const begun = begins ? this.#begun(number, size, generation) : known[number]!;
    const readKey = begins ? this.#secrets.readKey(number, generation) : this.#readKey(number, known);
    const keyring = await this.#keyring(number, readKey, readers);
    const { keyring: _, ...rest } = begun;
    const hash = keyring && sha256(keyring);
    const newest: Epoch = { ...rest, ...(hash && { keyring: hash }) };
    const record: ReadersRecord = {
      readers,
      began: begins || this.#record === undefined ? timeNow() : this.#record.began,
      version: this.#manifests.version + 1,
      keyring: hash === undefined ? "" : bytesToHex(hash),
    };
    const kept = keyring === undefined ? [] : [this.#manifests.records.objectOperation(keyring)];
    const write = (steps: readonly BatchOperation[]): Promise<void> =>
      this.#journal.write([...steps, ...kept, readersOperation(record)], true);
    const epochs = [...known.slice(0, number), newest];
    const before = this.epochKey;
    const key = this.#sealingKey(number, readKey);
    await this.#manifests.change((said) => {
      const next = { ...said, epochs, ...(successions && { successions }) };
      if (!begins || said.remotes === undefined) return next;
      // Where the log lives is for those who may read what follows.
      const uris = openRemotes(said.remotes, this.#genesis, before) ?? [];
      return { ...next, remotes: sealRemotes(uris, this.#genesis, key) };
    }, write);
    this.#record = record;
  }

  #begun(number: number, first: number, generation: number): Epoch {
    const { logId } = this.#genesis;
    const readKey = this.#secrets.readKey(number, generation);
    const keyId = keyIdOf(this.#sealingKey(number, readKey).toBytes(), logId);
    if (number === 0) return { first, keyId };
    const before = this.#readKey(number - 1).toBytes();
    return { first, keyId, earlier: sealEarlierKey(readKey.toBytes(), before, logId) };
  }

  // The read key of an epoch: that of the generation in which it began.
  #readKey(epoch: number, known: KnownEpochs = this.#manifests.content.epochs): ReadKey {
    const { length } = this.#manifests.content.successions;
    return this.#secrets.readKey(epoch, this.#secrets.generationOf(epoch, known, length));
  }

  #epochKey(epoch: number): ReadKey {
    return this.#sealingKey(epoch, this.#readKey(epoch));
  }

  #sealingKey(epoch: number, readKey: ReadKey): ReadKey {
    return new ReadKey(epochKeyOf(readKey.toBytes(), { logId: this.#genesis.logId, epoch }));
  }

  // The age library is loaded by writers that name readers, and by nobody else.
  async #keyring(
    epoch: number,
    readKey: ReadKey,
    readers: readonly ReaderRecord[],
  ): Promise<Uint8Array | undefined> {
    if (readers.length === 0) return undefined;
    const { sealKeyring } = await import("../keyring/index.ts");
    return sealKeyring({ logId: this.#genesis.logId, epoch, readKey, readers });
  }
}

/** The error for a call about readers of a log that everybody reads. */
export function publicLog(operation: string): InvalidInputError {
  return new InvalidInputError(
    "This log is public: everybody who reaches its storage reads it, and nobody can be named as a reader or shut out. A private log " +
      "has to begin as one.",
    { operation, reason: "public-log" },
  );
}

function full(): TooLargeError {
  return new TooLargeError(
    `The read key of this log has changed ${MOST_EPOCHS - 1} times, which is as often as it can. Nothing was written. Start a new log.`,
    { operation: "writer.revoke", reason: "epochs-full", limit: MOST_EPOCHS },
  );
}
