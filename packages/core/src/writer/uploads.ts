// Uploads of one publish, several at a time: again after failures that may pass, and none that was acknowledged before.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { throwIfAborted } from "../async/signals.ts";
import { TaskGroup } from "../async/task-group.ts";
import { putChecked } from "../remote/checked-put.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { AcknowledgedUploads } from "./acknowledged-uploads.ts";
import type { Presence } from "./presence.ts";

/** Uploads at once, per remote. */
const UPLOADS_AT_ONCE = 16;

/**
 * Puts objects into a storage, several at a time, under addresses that were computed before. What the storage acknowledged
 * before, also to an earlier process, is not sent again.
 */
export class Uploads {
  readonly #storage: StorageBackend;
  readonly #acknowledged: AcknowledgedUploads;
  readonly #presence: Presence | undefined;
  readonly #signal: AbortSignal;
  readonly #budget: RetryBudget;
  readonly #window = new TaskGroup(UPLOADS_AT_ONCE);
  #addresses: Address[] = [];

  constructor(
    {
      storage,
      acknowledged,
      presence,
    }: {
      readonly storage: StorageBackend;
      readonly acknowledged: AcknowledgedUploads;
      /** Asked before an upload, if what the storage holds is not known. */
      readonly presence?: Presence | undefined;
    },
    signal: AbortSignal,
  ) {
    this.#storage = storage;
    this.#acknowledged = acknowledged;
    this.#presence = presence;
    this.#signal = signal;
    this.#budget = new RetryBudget({ signal });
  }

  /** The address that a content will have. */
  address(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.#storage.capabilities.hashTypes[0]!);
  }

  /**
   * Starts an upload once there is room for it, if it is needed; {@link Uploads.settled} tells how it ended.
   *
   * @param done - called when the storage has it
   */
  async put(content: Uint8Array, address: Address, done: () => void = () => undefined): Promise<void> {
    throwIfAborted(this.#signal);
    this.#addresses.push(address);
    if (this.#acknowledged.has(address)) done();
    else await this.#window.add(() => this.#upload(content, address, done));
  }

  /** Waits until every upload is acknowledged, and noted or about to be. Rejects with the first failure. */
  settled(): Promise<void> {
    return this.#window.settled();
  }

  /** What was put since this was asked last. */
  takeAddresses(): Address[] {
    const addresses = this.#addresses;
    this.#addresses = [];
    return addresses;
  }

  async #upload(content: Uint8Array, address: Address, done: () => void): Promise<void> {
    const presence = this.#presence;
    const held =
      presence !== undefined && (await this.#budget.run(() => presence.has(address, this.#signal)));
    if (!held) await this.#budget.run(() => putChecked(this.#storage, content, address, this.#signal));
    await this.#acknowledged.add(address, content.length);
    done();
  }
}
