import {
  type Address,
  addressOf,
  hashTypeOf,
  NotFoundError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { Client, LARGEST_CONTENT, type Stored } from "./client.ts";
import { checkSize, checkUsable, failureOf, fromService } from "./errors.ts";
import type { TemplateOptions } from "./options.ts";

const hashTypes = [rawSha256];

/** The key of a content. Refuses an address of another kind before any request. */
function keyOf(address: Address): string {
  hashTypeOf(address, hashTypes);
  return `contents/${address}`;
}

/**
 * Contents in the service, each under its address.
 *
 * @param options - the service, and the size limit
 */
export function templateStorage(options: TemplateOptions = {}): StorageBackend {
  const { largestContent = LARGEST_CONTENT } = options;
  const client = new Client(options.service ?? new Map<string, Stored>());
  let closed = false;

  return {
    name: "template",
    capabilities: { largestContent, hashTypes, readYourWrites: true, delete: true, list: false },

    async put(content, { signal } = {}) {
      checkUsable(closed, "storage.put", signal);
      checkSize(content.length, largestContent, "storage.put");
      // Copied before the first await: the caller may change its bytes from then on.
      const bytes = new Uint8Array(content);
      const address = await addressOf(bytes, rawSha256);
      const reply = await client.put(keyOf(address), bytes, undefined, signal);
      const { status } = fromService(reply, "storage.put");
      if (status !== 200) throw failureOf(status, { operation: "storage.put", limit: largestContent });
      return address;
    },

    async get(address, { signal, maxBytes = largestContent } = {}) {
      checkUsable(closed, "storage.get", signal);
      const { status, stored } = fromService(await client.get(keyOf(address), signal), "storage.get");
      if (status === 404) {
        throw new NotFoundError(`The service holds nothing at ${address}.`, { operation: "storage.get" });
      }
      if (stored === undefined) throw failureOf(status, { operation: "storage.get", limit: maxBytes });
      checkSize(stored.bytes.length, maxBytes, "storage.get");
      return new Uint8Array(stored.bytes);
    },

    async has(address, { signal } = {}) {
      checkUsable(closed, "storage.has", signal);
      const { status } = fromService(await client.get(keyOf(address), signal), "storage.has");
      if (status === 404) return false;
      if (status !== 200) throw failureOf(status, { operation: "storage.has", limit: largestContent });
      return true;
    },

    async delete(address, { signal } = {}) {
      checkUsable(closed, "storage.delete", signal);
      const { status } = fromService(await client.delete(keyOf(address), signal), "storage.delete");
      if (status !== 200) throw failureOf(status, { operation: "storage.delete", limit: largestContent });
    },

    async close() {
      closed = true;
    },
  };
}
