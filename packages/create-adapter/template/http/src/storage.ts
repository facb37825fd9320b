// Contents in the service. The shell of the core does the rest: signals, limits, copies, kinds of address, `close`.

import { type Address, addressOf, rawSha256, type StorageBackend } from "@remote-log/core";
import { defineStorage } from "@remote-log/core/adapter";
import { Client, LARGEST_CONTENT, Service } from "./client.ts";
import { answerOf, translate } from "./errors.ts";
import type { TemplateOptions } from "./options.ts";

/**
 * Contents in the service, each under its address.
 *
 * @param options - the service, and the size limit
 */
export function templateStorage(options: TemplateOptions = {}): StorageBackend {
  const { service = new Service(), largestContent = LARGEST_CONTENT } = options;
  const client = new Client(service);
  const keyOf = (address: Address): string => `contents/${address}`;

  return defineStorage({
    name: "template",
    place: "the template service",
    capabilities: { largestContent, hashTypes: [rawSha256], readYourWrites: true },
    translate,

    async put(content, { signal }) {
      const address = await addressOf(content, rawSha256);
      answerOf(await client.put(keyOf(address), content, undefined, signal), 200);
      return address;
    },

    // Nothing, if the service says that there is nothing. Stop reading at the limit if you can.
    async get(address, _limit, { signal }) {
      return answerOf(await client.get(keyOf(address), signal), 200, 404).stored?.bytes;
    },

    // A part of a content. If the service can't read one, leave this out; over HTTP, see `rangeHeader` and `readRange`.
    async getRange(address, { offset, length }, { signal }) {
      const { stored } = answerOf(await client.get(keyOf(address), signal), 200, 404);
      return stored?.bytes.subarray(offset, offset + length);
    },

    async has(address, { signal }) {
      return answerOf(await client.get(keyOf(address), signal), 200, 404).status === 200;
    },

    async delete(address, { signal }) {
      answerOf(await client.delete(keyOf(address), signal), 200);
    },
  });
}
