// A storage that keeps nothing: a mirroring to it reads and verifies everything, and that is all.

import { type Address, addressOf, type GetOptions, type StorageBackend } from "@remote-log/core";

/** A target for a mirroring that is to read everything below a head. */
export class NothingStored implements StorageBackend {
  readonly name = "nothing";
  readonly capabilities: StorageBackend["capabilities"];

  readonly #source: StorageBackend;

  /** @param source - the storage that is read: addresses are of its kind, and what a mirroring knows is read there */
  constructor(source: StorageBackend) {
    this.#source = source;
    const { largestContent, hashTypes } = source.capabilities;
    this.capabilities = { largestContent, hashTypes, readYourWrites: true, delete: false, list: false };
  }

  put(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.capabilities.hashTypes[0]!);
  }

  get(address: Address, options?: GetOptions): Promise<Uint8Array> {
    return this.#source.get(address, options);
  }

  async has(): Promise<boolean> {
    return false;
  }
}
