// Contents as chunks on Swarm: one chunk, or a tree of chunks, under the BMT hash.

import {
  Address,
  type ByteRange,
  NotFoundError,
  type OperationOptions,
  type StorageBackend,
} from "@remote-log/core";
import { type Call, defineStorage, lifetimeOf, type StorageDriver } from "@remote-log/core/adapter";
import { checkChunk } from "./chunk/content-chunk.ts";
import { swarmBmt } from "./chunk/hash-type.ts";
import { toHex } from "./chunk/hex.ts";
import { type ReadTreeOptions, readTree, walkTree } from "./chunk/read-tree.ts";
import { splitContent } from "./chunk/tree.ts";
import { translateFailure } from "./errors.ts";
import {
  checkLargestContent,
  checkNodeOptions,
  LARGEST_CONTENT,
  type SwarmStorageOptions,
} from "./options.ts";
import { withoutBatch } from "./postage/errors.ts";
import type { SwarmHealth } from "./postage/health.ts";
import { missingChunk } from "./transfer/errors.ts";
import { type OpenedChunks, openChunks } from "./transfer/open-chunks.ts";

/** Contents as chunks on Swarm. */
export interface SwarmStorage extends StorageBackend {
  /**
   * The state of the postage batch that pays for what is stored: how long it lasts, how full it is, and what to do about it.
   *
   * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"batch-missing"`, without a stamp
   * @throws QuotaExhaustedError `ERR_QUOTA`, reason `"batch-unknown"`, for a batch that has expired, or that the node does
   * not know
   */
  health(options?: OperationOptions): Promise<SwarmHealth>;
  close(): Promise<void>;
}

/** What a content costs besides its bytes: about a chunk. Each chunk is a request of its own, so that bytes cost as much as requests. */
const REQUEST_BYTES = 4_096;

/** The most chunks of one content that are asked for at once. */
const READS_AT_ONCE = 64;

/**
 * Contents as chunks on Swarm, by way of a Bee node: one chunk up to 4,096 bytes, a tree of chunks above. Nothing is sent
 * before the first operation.
 *
 * Every address is computed here, and every chunk that is read is checked against its address. `has` reads the whole
 * content: a node has no other way to tell whether the network has it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { swarmStorage } from "@remote-log/swarm";
 *
 * export async function keep(content: Uint8Array, stamp: string): Promise<Uint8Array> {
 *   const storage = swarmStorage({ bee: "http://127.0.0.1:1633", stamp });
 *   const address = await storage.put(content);
 *   return storage.get(address);
 * }
 * ```
 */
export function swarmStorage(options: SwarmStorageOptions): SwarmStorage {
  const opened = openChunks(options, checkNodeOptions(options));
  const driver = new ChunkDriver(opened, checkLargestContent(options));
  const lifetime = lifetimeOf(driver, "storage");
  const context = {
    operation: "storage.health",
    action: `asking about the postage batch at ${driver.place}`,
  };
  return {
    ...defineStorage(driver, lifetime),
    health: ({ signal }: OperationOptions = {}) =>
      lifetime.run(context, signal, async (inner) => {
        if (opened.stamp === undefined) throw withoutBatch(context);
        return opened.stamp.health({ signal: inner, context });
      }),
  };
}

class ChunkDriver implements StorageDriver {
  readonly name = "swarm";
  readonly place: string;
  readonly capabilities: StorageDriver["capabilities"];
  readonly tooLarge = "Split it, or raise `largestContent` (to 64 MiB at most).";
  readonly translate = translateFailure;
  readonly #chunks: OpenedChunks["chunks"];

  constructor({ api, chunks }: OpenedChunks, largestContent: number) {
    this.place = api.place;
    this.#chunks = chunks;
    this.capabilities = {
      largestContent,
      largestRead: LARGEST_CONTENT,
      hashTypes: [swarmBmt],
      readYourWrites: false,
      presence: "passing",
      requestBytes: REQUEST_BYTES,
    };
  }

  async put(content: Uint8Array, call: Call): Promise<Address> {
    const { root, levels } = splitContent(content);
    await this.#chunks.upload({ levels }, call);
    return Address.create(swarmBmt.codec, swarmBmt.hash, root.address);
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array> {
    return readTree(await this.#treeOf(address, limit, call));
  }

  /** The chunks that have some of it, and those above them: each is checked, so that the part is as certain as the whole. */
  async getRange(address: Address, range: ByteRange, call: Call): Promise<Uint8Array> {
    const tree = await this.#treeOf(address, LARGEST_CONTENT, call);
    return readTree({ ...tree, range });
  }

  async has(address: Address, call: Call): Promise<boolean> {
    try {
      await walkTree(await this.#treeOf(address, LARGEST_CONTENT, call));
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** Reads the root of a content, and tells how to read the rest. */
  async #treeOf(address: Address, maxBytes: number, call: Call): Promise<ReadTreeOptions> {
    const { signal, context } = call;
    const { operation } = context;
    const root = await this.#read(address.digest, `content ${address}`, call, maxBytes);
    checkChunk(address.digest, root, { operation });
    const read = (chunk: Uint8Array, inner: AbortSignal): Promise<Uint8Array> =>
      this.#read(chunk, `chunk ${toHex(chunk)} of the content ${address}`, { signal: inner, context });
    return { root, maxBytes, read, signal, operation, readsAtOnce: READS_AT_ONCE };
  }

  /** @throws NotFoundError `ERR_NOT_FOUND`, may be tried again: a network shows what was stored after some time */
  async #read(address: Uint8Array, what: string, call: Call, maxBytes?: number): Promise<Uint8Array> {
    const data = await this.#chunks.getChunk(address, { maxBytes }, call);
    if (data === undefined) throw missingChunk(what, call.context);
    return data;
  }
}
