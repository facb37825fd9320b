import {
  Address,
  type GetOptions,
  hashTypeOf,
  NotFoundError,
  type OperationOptions,
  type StorageBackend,
  type StorageCapabilities,
  TooLargeError,
} from "@remote-log/core";
import { Lifetime, type OperationContext } from "@remote-log/core/adapter";
import type { ChunkRequest, Chunks } from "./transfer/chunks.ts";
import { type OpenedChunks, openChunks } from "./transfer/open-chunks.ts";
import { type Stamp, withoutStamp } from "./postage/stamp.ts";
import { checkChunk } from "./chunk/content-chunk.ts";
import { swarmBmt } from "./chunk/hash-type.ts";
import { toHex } from "./chunk/hex.ts";
import { type ReadTreeOptions, readTree, walkTree } from "./chunk/read-tree.ts";
import { splitContent } from "./chunk/tree.ts";
import { missingChunk, translateFailure } from "./errors.ts";
import type { SwarmHealth } from "./postage/health.ts";
import { checkLargestContent, LARGEST_CONTENT, type SwarmStorageOptions } from "./options.ts";

/** Contents as chunks on Swarm. */
export interface SwarmStorage extends StorageBackend {
  /**
   * How the postage batch is that pays for what is stored: how long it lasts, how full it is, and what to do about it.
   *
   * @throws UnsupportedError `ERR_UNSUPPORTED` without a stamp
   * @throws QuotaExhaustedError `ERR_QUOTA` for a batch that has expired, or that the node does not know; reason `"batch-unknown"`
   */
  health(options?: OperationOptions): Promise<SwarmHealth>;
  close(): Promise<void>;
}

/** The most chunks of one content that are asked for at once. */
const READS_AT_ONCE = 64;

/**
 * Contents as chunks on Swarm, by way of a Bee node: one chunk up to 4,096 bytes, a tree of chunks above. Nothing is sent
 * before the first operation.
 *
 * Every address is computed here, and every chunk that is read is checked against its address. `has` reads the whole
 * content: a node knows of no other way to tell whether the network has it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function swarmStorage(options: SwarmStorageOptions): SwarmStorage {
  return new ChunkStorage(openChunks(options), checkLargestContent(options));
}

class ChunkStorage implements SwarmStorage {
  readonly name = "swarm";
  readonly capabilities: StorageCapabilities;
  readonly #place: string;
  readonly #stamp: Stamp | undefined;
  readonly #chunks: Chunks;
  readonly #lifetime = new Lifetime({ what: "storage", translate: translateFailure });

  constructor({ api, stamp, chunks }: OpenedChunks, largestContent: number) {
    this.#place = api.place;
    this.#stamp = stamp;
    this.#chunks = chunks;
    this.capabilities = Object.freeze({
      largestContent,
      hashTypes: Object.freeze([swarmBmt]),
      readYourWrites: false,
      delete: false,
      list: false,
    });
  }

  async put(content: Uint8Array, options: OperationOptions = {}): Promise<Address> {
    const context = this.#context("storage.put", "storing a content");
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const { largestContent: limit } = this.capabilities;
      if (content.length > limit) throw tooLarge(content.length, limit, context);
      // The chunks are copies: the caller may change its bytes as soon as it has this promise.
      const { root, levels } = splitContent(content);
      await this.#chunks.upload({ levels }, { signal, context });
      return Address.create(swarmBmt.codec, swarmBmt.hash, root.address);
    });
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = this.#context("storage.get", `reading ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      const maxBytes = Math.min(options.maxBytes ?? LARGEST_CONTENT, LARGEST_CONTENT);
      return readTree(await this.#treeOf(address, maxBytes, { signal, context }));
    });
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      try {
        await walkTree(await this.#treeOf(address, LARGEST_CONTENT, { signal, context }));
        return true;
      } catch (error) {
        if (error instanceof NotFoundError) return false;
        throw error;
      }
    });
  }

  async health(options: OperationOptions = {}): Promise<SwarmHealth> {
    const context = this.#context("storage.health", "asking about the postage batch");
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (this.#stamp === undefined) throw withoutStamp(context);
      return this.#stamp.health({ signal, context });
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  /** Reads the root of a content, and tells how to read the rest. */
  async #treeOf(address: Address, maxBytes: number, request: ChunkRequest): Promise<ReadTreeOptions> {
    const { signal, context } = request;
    const { operation } = context;
    const root = await this.#read(address.digest, `content ${address}`, request, maxBytes);
    checkChunk(address.digest, root, { operation });
    const read = (chunk: Uint8Array, inner: AbortSignal): Promise<Uint8Array> =>
      this.#read(chunk, `chunk ${toHex(chunk)} of the content ${address}`, { signal: inner, context });
    return { root, maxBytes, read, signal, operation, readsAtOnce: READS_AT_ONCE };
  }

  async #read(
    address: Uint8Array,
    what: string,
    request: ChunkRequest,
    maxBytes?: number,
  ): Promise<Uint8Array> {
    try {
      return await this.#chunks.getChunk(address, { ...(maxBytes !== undefined && { maxBytes }) }, request);
    } catch (error) {
      throw missingChunk(error, what, request.context) ?? error;
    }
  }

  #context(operation: string, action: string): OperationContext {
    return { operation, action: `${action} at ${this.#place}` };
  }
}

function tooLarge(bytes: number, limit: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it has ${bytes} bytes, and the limit is ${limit}. Split it, or raise \`largestContent\` (to 64 MiB ` +
      "at most).",
    { operation, limit },
  );
}
