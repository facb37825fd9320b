import {
  type Address,
  type GetOptions,
  IntegrityError,
  NotFoundError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
  type StorageCapabilities,
} from "@remote-log/core";
import { checkBytes } from "../check-bytes.ts";
import type { FaultContext } from "../errors.ts";
import { contentKey } from "../layout.ts";
import { Lifetime } from "../lifetime.ts";
import { readOnly } from "./errors.ts";
import type { CheckedPublicOptions } from "./options.ts";
import { getObject } from "./request.ts";

/** The contents of a bucket that everybody may read. */
export class PublicStorage implements StorageBackend {
  readonly name = "public s3";
  readonly capabilities: StorageCapabilities;
  readonly #options: CheckedPublicOptions;
  readonly #lifetime = new Lifetime("storage");

  constructor(options: CheckedPublicOptions) {
    this.#options = options;
    this.capabilities = Object.freeze({
      largestContent: options.largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: options.readYourWrites,
      delete: false,
      list: false,
    });
  }

  async put(_content: Uint8Array, { signal }: OperationOptions = {}): Promise<Address> {
    const context = this.#context("storage.put", "storing a content");
    return this.#lifetime.run(context, signal, () => Promise.reject(readOnly(context)));
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = this.#context("storage.get", `reading ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestContent);
      const read = (cache: "default" | "reload") => this.#read(address, cache, limit, context, signal);
      try {
        // What is called by its hash never changes.
        return await read("default");
      } catch (error) {
        if (!(error instanceof IntegrityError)) throw error;
        // A cache that once got wrong bytes would give them for as long as it keeps them.
        return read("reload");
      }
    });
  }

  async #read(
    address: Address,
    cache: "default" | "reload",
    limit: number,
    context: FaultContext,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const url = this.#urlOf(address);
    const reply = await getObject({ url, limit, cache, signal, context, what: `${address}` });
    if (reply.status !== "found") {
      throw new NotFoundError(`There is no content ${address} at ${this.#options.url}.`, context);
    }
    await checkBytes(reply.content, address, context);
    return reply.content;
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const url = this.#urlOf(address);
      const cache = "no-cache";
      const reply = await getObject({
        url,
        limit: 1,
        first: true,
        cache,
        signal,
        context,
        what: `${address}`,
      });
      return reply.status === "found";
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  #urlOf(address: Address): string {
    return `${this.#options.url}/contents/${contentKey(address)}`;
  }

  #context(operation: string, action: string): FaultContext {
    return { operation, action: `${action} at ${this.#options.url}`, anonymous: true };
  }
}
