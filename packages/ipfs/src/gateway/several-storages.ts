// Contents at several gateways: each is asked if those before it failed or are slow.

import { type Address, rawSha256, type StorageBackend } from "@remote-log/core";
import {
  type Call,
  defineStorage,
  hedge,
  type ReadOnlyStorageDriver,
  throwIfAborted,
} from "@remote-log/core/adapter";
import { REQUEST_BYTES } from "../blocks/sizes.ts";
import { mostTelling } from "../routes/most-telling.ts";
import { gatewayFailure, READ_ONLY } from "./errors.ts";

/**
 * Several storages that show the same contents, as one. The storage that gave a content last is asked first the next time, so
 * that a gateway that is down costs its time once.
 *
 * @param storages - at least one, all with the same capabilities; closed with this one
 * @param patienceMilliseconds - how long one may be silent before the next is asked as well
 */
export function severalStorages(
  storages: readonly StorageBackend[],
  patienceMilliseconds: number,
): StorageBackend {
  return defineStorage(new SeveralDriver(storages, patienceMilliseconds));
}

class SeveralDriver implements ReadOnlyStorageDriver {
  readonly name = "ipfs gateway";
  readonly place = "several gateways";
  readonly capabilities: ReadOnlyStorageDriver["capabilities"];
  readonly readOnly = READ_ONLY;
  readonly translate = gatewayFailure;
  readonly #storages: readonly StorageBackend[];
  readonly #patienceMilliseconds: number;
  /** Index of the one that is asked first. */
  #first = 0;

  constructor(storages: readonly StorageBackend[], patienceMilliseconds: number) {
    this.#storages = storages;
    this.#patienceMilliseconds = patienceMilliseconds;
    const largest = storages.map(({ capabilities }) => capabilities.largestContent);
    this.capabilities = {
      largestContent: Math.min(...largest),
      hashTypes: [rawSha256],
      readYourWrites: false,
      absence: "local",
      requestBytes: REQUEST_BYTES,
    };
  }

  async get(address: Address, limit: number, { signal }: Call): Promise<Uint8Array> {
    const count = this.#storages.length;
    const first = this.#first;
    const order = this.#storages.map((_, i) => (first + i) % count);
    const asks = order.map((at) => (ended: AbortSignal) => {
      return this.#storages[at]!.get(address, { maxBytes: limit, signal: ended });
    });
    const patience = { patienceMilliseconds: this.#patienceMilliseconds, signal, choose: mostTelling };
    const { value, index } = await hedge(asks, patience);
    this.#first = order[index]!;
    return value;
  }

  async has(address: Address, { signal }: Call): Promise<boolean> {
    let failure: { readonly error: unknown } | undefined;
    for (const storage of this.#storages) {
      try {
        if (await storage.has(address, { signal })) return true;
      } catch (error) {
        throwIfAborted(signal);
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
    return false;
  }

  async close(): Promise<void> {
    await Promise.all(this.#storages.map(async (storage) => storage.close?.()));
  }
}
