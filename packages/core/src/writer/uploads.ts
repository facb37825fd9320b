// Uploads of one stage, several at a time.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { TaskGroup } from "../async/task-group.ts";
import { putChecked } from "../remote/checked-put.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";

/** Uploads at once, per remote. */
const UPLOADS_AT_ONCE = 16;

/** Puts objects into a storage, several at a time, under addresses that were computed before. */
export class Uploads {
  readonly #storage: StorageBackend;
  readonly #signal: AbortSignal;
  readonly #window = new TaskGroup(UPLOADS_AT_ONCE);

  constructor(storage: StorageBackend, signal: AbortSignal) {
    this.#storage = storage;
    this.#signal = signal;
  }

  /** The address that a content will have. */
  address(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.#storage.capabilities.hashTypes[0]!);
  }

  /** Starts an upload once there is room for it; {@link Uploads.settled} tells how it ended. */
  put(content: Uint8Array, address: Address): Promise<void> {
    return this.#window.add(() => putChecked(this.#storage, content, address, this.#signal));
  }

  /** Waits until every upload is acknowledged. Rejects with the first failure. */
  settled(): Promise<void> {
    return this.#window.settled();
  }
}
