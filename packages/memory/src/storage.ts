// Contents in memory, written against the contract by hand: the reference.

import {
  Address,
  addressOf,
  hashTypeOf,
  NotFoundError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { checkRange, checkSize, checkUsable } from "./errors.ts";
import { checkTypes, type MemoryStorageOptions } from "./options.ts";

/** As over a network, so that a log in memory is read as one elsewhere is: a request to a map costs nothing. */
const REQUEST_BYTES = 16_384;

/**
 * A storage that keeps its contents in a map. It is the reference that other adapters are compared with: every
 * promise of `StorageBackend` in the fewest lines.
 *
 * @param options - the size limit, and the map
 * @returns a storage with SHA-256 addresses that reads its own writes and has `delete`, `list` and `close`
 *
 * @example
 * ```ts
 * import { memoryStorage } from "@remote-log/memory";
 *
 * const contents = new Map<string, Uint8Array>();
 * const [one, another] = [memoryStorage({ contents }), memoryStorage({ contents })];
 * ```
 */
export function memoryStorage(options: MemoryStorageOptions = {}): StorageBackend {
  checkTypes(options, "memoryStorage");
  const { largestContent = 16 * 1024 * 1024, contents = new Map<string, Uint8Array>() } = options;
  const hashTypes = [rawSha256];
  let closed = false;

  const find = (address: Address, operation: string, signal?: AbortSignal): Uint8Array | undefined => {
    checkUsable(closed, operation, signal);
    hashTypeOf(address, hashTypes);
    return contents.get(address.toString());
  };

  return {
    name: "memory",
    capabilities: {
      largestContent,
      hashTypes,
      readYourWrites: true,
      delete: true,
      list: true,
      ranges: true,
      requestBytes: REQUEST_BYTES,
    },

    async put(content, { signal } = {}) {
      checkUsable(closed, "storage.put", signal);
      checkSize(content.length, largestContent, "storage.put");
      // Copied before the first await, so that the address is that of the bytes which are kept. Not with slice(),
      // which on a Node Buffer gives a view of the same memory.
      const copy = new Uint8Array(content);
      const address = await addressOf(copy, rawSha256);
      contents.set(address.toString(), copy);
      return address;
    },

    async get(address, { signal, maxBytes, range } = {}) {
      const content = find(address, "storage.get", signal);
      checkRange(range, maxBytes ?? largestContent, "storage.get");
      if (content === undefined) {
        throw new NotFoundError(`The memory holds nothing at ${address}.`, { operation: "storage.get" });
      }
      if (range !== undefined) {
        return new Uint8Array(content.subarray(range.offset, range.offset + range.length));
      }
      checkSize(content.length, maxBytes, "storage.get");
      return new Uint8Array(content);
    },

    has: async (address, { signal } = {}) => find(address, "storage.has", signal) !== undefined,

    async delete(address, { signal } = {}) {
      if (find(address, "storage.delete", signal)) contents.delete(address.toString());
    },

    async *list({ signal } = {}) {
      checkUsable(closed, "storage.list", signal);
      for (const text of contents.keys()) {
        yield Address.fromString(text);
        checkUsable(closed, "storage.list", signal);
      }
    },

    async close() {
      closed = true;
    },
  };
}
