// The identity of this device, with the keys that it has already: a keyring is opened when the key has changed, and not when its
// owner has named another reader.

import { ReadKey } from "@remote-log/core";
import { type EpochOfLog, type OpenedKeyring, ReaderIdentity } from "@remote-log/core/keyring";
import type { KnownKeys } from "../store/known-keys.ts";

/** What a reader asks of an identity. */
type OpeningOf = ReaderIdentity["openingOf"];

/** Opens the logs of the members. */
export class MemberIdentity extends ReaderIdentity {
  readonly #known: KnownKeys;

  constructor(identity: string, known: KnownKeys) {
    super(identity);
    this.#known = known;
  }

  /**
   * Forgets the key of a log that did not open it: who gave it was wrong.
   *
   * @returns whether there was one
   */
  forget(log: string): Promise<boolean> {
    return this.#known.forget(log);
  }

  override async openingOf(...[view, reading]: Parameters<OpeningOf>): ReturnType<OpeningOf> {
    const { genesis } = view.head;
    const { epochs = [] } = reading;
    const known = this.#known.get(genesis.logId);
    // Finding the owner in a keyring takes a try for each reader that it names.
    if (known !== undefined && known.epoch === Math.max(0, epochs.length - 1))
      return new ReadKey(known.key).openingOf(genesis, epochs);
    return super.openingOf(view, reading);
  }

  override async open(keyring: Uint8Array, log: EpochOfLog): Promise<OpenedKeyring> {
    const { logId, epoch } = log;
    const known = this.#known.get(logId);
    if (known?.epoch === epoch) return { key: new ReadKey(known.key), withHistory: true };
    const opened = await super.open(keyring, log);
    if (opened.withHistory) await this.#known.keep(new Map([[logId, { epoch, key: opened.key.toBytes() }]]));
    return opened;
  }
}
