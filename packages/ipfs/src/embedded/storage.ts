import {
  type Address,
  addressOf,
  checkContent,
  type GetOptions,
  hashTypeOf,
  InvalidInputError,
  NotFoundError,
  type OperationOptions,
  rawSha256,
  type StorageCapabilities,
  TimeoutError,
  TooLargeError,
} from "@remote-log/core";
import { checkWhole, Lifetime, type OperationContext, withDeadline } from "@remote-log/core/adapter";
import { CID } from "multiformats/cid";
import { LARGEST_BLOCK, USUAL_BLOCK } from "../options.ts";
import type { IpfsStorage } from "../storage.ts";
import { PinnedBlocks } from "./pinned-blocks.ts";
import { readBlock } from "./read-block.ts";
import { saysMissing, saysNobodyGaveIt, translateStoreFailure } from "./store-failure.ts";
import type { BlockstoreLike, PinsLike } from "./stores.ts";

/** Options of {@link blockstoreStorage}. */
export interface BlockstoreStorageOptions {
  /** Where the blocks are. It is used as it is: opened, closed and collected by whoever made it. */
  readonly blockstore: BlockstoreLike;
  /** Keeps what is stored here from a collection of garbage, such as `helia.pins`. Default: nothing is pinned. */
  readonly pins?: PinsLike;
  /**
   * Who can say that a content is not there. `"known"`: the store itself, and nobody else is asked. `"local"`: the store
   * asks others for what it does not have. Default: `"local"` where the store has a method `createSession`, as
   * `helia.blockstore` has, and `"known"` for any other.
   */
  readonly absence?: "known" | "local";
  /**
   * How long to wait for a content, in milliseconds: where others are asked, they may be silent for ever. Default
   * 30,000.
   */
  readonly searchMilliseconds?: number;
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576), which every node hands on; at most 2 MiB. */
  readonly largestContent?: number;
}

/** What messages call the store. */
const PLACE = "the blockstore";

/**
 * Contents as raw blocks in a blockstore of the application's own: on disk, in the browser's database, in memory, or that
 * of a Helia node. Nothing of `interface-blockstore` or Helia is imported.
 *
 * `has` asks the store alone; `get` has a store that can do so ask others, within a time.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function blockstoreStorage(options: BlockstoreStorageOptions): IpfsStorage {
  return new LocalStorage(options);
}

class LocalStorage implements IpfsStorage {
  readonly name = "ipfs-embedded";
  readonly capabilities: StorageCapabilities;
  readonly #blockstore: BlockstoreLike;
  readonly #blocks: PinnedBlocks;
  readonly #offline: boolean;
  readonly #milliseconds: number;
  readonly #lifetime = new Lifetime({ what: "storage", translate: translateStoreFailure });

  constructor(options: BlockstoreStorageOptions) {
    const { blockstore, searchMilliseconds = 30_000, largestContent = USUAL_BLOCK } = options;
    for (const method of ["put", "get", "has"] as const) {
      if (typeof (blockstore as Partial<BlockstoreLike> | undefined)?.[method] === "function") continue;
      throw new InvalidInputError(`The blockstore can't be used: it has no method ${method}.`, {
        operation: "ipfs.open",
      });
    }
    const { absence = "createSession" in blockstore ? "local" : "known" } = options;
    checkWhole({ searchMilliseconds }, { operation: "ipfs.open", largest: 2 ** 31 - 1 });
    checkWhole({ largestContent }, { operation: "ipfs.open", largest: LARGEST_BLOCK });
    this.#blockstore = blockstore;
    this.#blocks = new PinnedBlocks(blockstore, options.pins);
    this.#offline = absence === "known";
    this.#milliseconds = searchMilliseconds;
    this.capabilities = Object.freeze({
      largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: true,
      // Blocks that are not of a log, and of other logs, may be there: no removing and no listing.
      delete: false,
      list: false,
      absence,
    });
  }

  async put(content: Uint8Array, options: OperationOptions = {}): Promise<Address> {
    const context = contextOf("storage.put", "storing a content");
    const limit = this.capabilities.largestContent;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (content.length > limit) {
        throw new TooLargeError(
          `While ${context.action}: it has ${content.length} bytes, and the limit is ${limit}. Split it, or raise ` +
            "`largestContent` (to 2 MiB at most).",
          { operation: context.operation, limit },
        );
      }
      // The caller may change its bytes as soon as it has this promise, and the store may keep what it is given.
      const bytes = new Uint8Array(content);
      const address = await addressOf(bytes, rawSha256);
      await this.#blocks.put(CID.decode(address.bytes), bytes, context, signal);
      return address;
    });
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = contextOf("storage.get", `reading ${address}`);
    const { hashTypes } = this.capabilities;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, hashTypes);
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, LARGEST_BLOCK);
      const cid = CID.decode(address.bytes);
      const milliseconds = this.#milliseconds;
      const search = {
        milliseconds,
        operation: context.operation,
        backend: `The search for ${address}`,
        signal,
      };
      const content = await withDeadline(search, async (inner) =>
        readBlock(this.#blockstore.get(cid, { signal: inner, offline: this.#offline }), {
          limit,
          what: `${address}`,
          signal: inner,
        }),
      ).catch((error: unknown) => {
        throw missing(error, address, context) ?? error;
      });
      await checkContent(content, address, hashTypes);
      return content;
    });
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = contextOf("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      return this.#blockstore.has(CID.decode(address.bytes), { signal });
    });
  }

  async release(address: Address, options: OperationOptions = {}): Promise<void> {
    const context = contextOf("storage.release", `releasing ${address}`);
    await this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      await this.#blocks.unpin(CID.decode(address.bytes), signal);
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }
}

function missing(error: unknown, address: Address, { operation }: OperationContext): Error | undefined {
  if (saysMissing(error)) {
    return new NotFoundError(`There is no content ${address} in ${PLACE}, and nobody else was asked.`, {
      operation,
    });
  }
  if (!saysNobodyGaveIt(error)) return undefined;
  const { message, cause } = translateStoreFailure(error, { operation, action: `searching for ${address}` });
  return new TimeoutError(message, { operation, cause });
}

function contextOf(operation: string, action: string): OperationContext {
  return { operation, action: `${action} in ${PLACE}` };
}
