// Contents as raw blocks in a blockstore of the application's own (`interface-blockstore`).

import {
  type Address,
  addressOf,
  checkContent,
  InvalidInputError,
  rawSha256,
  TimeoutError,
} from "@remote-log/core";
import {
  type Call,
  type CallLimits,
  checkWhole,
  limitCalls,
  type StorageDriver,
} from "@remote-log/core/adapter";
import { CID } from "multiformats/cid";
import { defineIpfsStorage, type IpfsStorage, type PinningDriver } from "../blocks/ipfs-storage.ts";
import { LARGEST_BLOCK, TOO_LARGE_ADVICE, USUAL_BLOCK } from "../blocks/sizes.ts";
import { checkTypes } from "../option-types.ts";
import { saysMissing, saysNobodyGaveIt, translateStoreFailure } from "./errors.ts";
import { PinnedBlocks } from "./pinned-blocks.ts";
import { readBlock } from "./read-block.ts";
import type { BlockstoreLike, PinsLike } from "./stores.ts";

/** Options of {@link blockstoreStorage}. */
export interface BlockstoreStorageOptions {
  /** Where the blocks are. It is used as it is: opened, closed and collected by whoever made it. */
  readonly blockstore: BlockstoreLike;
  /** Keeps what is stored here from a collection of garbage, such as `helia.pins`. Default: nothing is pinned. */
  readonly pins?: PinsLike | undefined;
  /**
   * Who can say that a content is not there. `"known"`: the store itself, and nobody else is asked. `"local"`: the store
   * asks others for what it does not have. Default: `"local"` if the store has a method `createSession`, as
   * `helia.blockstore` has, and `"known"` for any other.
   */
  readonly absence?: "known" | "local" | undefined;
  /** How long to wait for a content, in milliseconds: others who are asked may never answer. Default 30,000. */
  readonly searchMilliseconds?: number | undefined;
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576), which every node exchanges; at most 2 MiB. */
  readonly largestContent?: number | undefined;
}

const STORAGE_OPTIONS = [
  "blockstore",
  "pins",
  "absence",
  "searchMilliseconds",
  "largestContent",
] as const satisfies readonly (keyof BlockstoreStorageOptions)[];

/** The longest time that timers keep, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

/**
 * Contents as raw blocks in a blockstore of the application's own: on disk, in the browser's database, in memory, or that
 * of a Helia node. Nothing of `interface-blockstore` or Helia is imported.
 *
 * `has` asks the store only. `get` has a store that can do so ask others, for a limited time; if nobody gives the content,
 * that is `ERR_TIMEOUT`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { blockstoreStorage } from "@remote-log/ipfs/embedded";
 * import { MemoryBlockstore } from "blockstore-core";
 *
 * const storage = blockstoreStorage({ blockstore: new MemoryBlockstore() });
 * const address = await storage.put(new TextEncoder().encode("hello world"));
 * const content = await storage.get(address);
 * ```
 */
export function blockstoreStorage(options: BlockstoreStorageOptions): IpfsStorage {
  checkTypes(options, STORAGE_OPTIONS, { name: "blockstoreStorage", operation: "ipfs.open" });
  return defineIpfsStorage(new BlockstoreDriver(options));
}

class BlockstoreDriver implements PinningDriver {
  readonly name = "ipfs-embedded";
  readonly place = "the blockstore";
  readonly preposition = "in";
  readonly tooLarge = TOO_LARGE_ADVICE;
  readonly capabilities: StorageDriver["capabilities"];
  readonly limits: CallLimits;
  readonly translate = translateStoreFailure;
  readonly #blockstore: BlockstoreLike;
  readonly #blocks: PinnedBlocks;
  readonly #offline: boolean;

  constructor(options: BlockstoreStorageOptions) {
    const { searchMilliseconds = 30_000, largestContent = USUAL_BLOCK } = options;
    const blockstore = checkBlockstore(options.blockstore);
    const { absence = "createSession" in blockstore ? "local" : "known" } = options;
    checkWhole({ searchMilliseconds }, { operation: "ipfs.open", largest: LONGEST_TIME });
    checkWhole({ largestContent }, { operation: "ipfs.open", largest: LARGEST_BLOCK });
    this.#blockstore = blockstore;
    this.#blocks = new PinnedBlocks(blockstore, options.pins);
    this.#offline = absence === "known";
    // Other blocks, and those of other logs, may be there: no removing and no listing.
    this.capabilities = {
      largestContent,
      largestRead: LARGEST_BLOCK,
      hashTypes: [rawSha256],
      readYourWrites: true,
      absence,
      presence: "passing",
    };
    this.limits = limitCalls({ milliseconds: { get: searchMilliseconds } });
  }

  async put(content: Uint8Array, { signal, context }: Call): Promise<Address> {
    const address = await addressOf(content, rawSha256);
    await this.#blocks.put(CID.decode(address.bytes), content, context, signal);
    return address;
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    const { signal } = call;
    const cid = CID.decode(address.bytes);
    try {
      const given = this.#blockstore.get(cid, { signal, offline: this.#offline });
      const content = await readBlock(given, { limit, what: `${address}`, signal });
      await checkContent(content, address, [rawSha256]);
      return content;
    } catch (error) {
      if (saysMissing(error)) return undefined;
      throw saysNobodyGaveIt(error) ? searchedInVain(address, error, call) : error;
    }
  }

  async has(address: Address, { signal }: Call): Promise<boolean> {
    return this.#blockstore.has(CID.decode(address.bytes), { signal });
  }

  async release(address: Address, { signal }: Call): Promise<void> {
    await this.#blocks.unpin(CID.decode(address.bytes), signal);
  }
}

function checkBlockstore(blockstore: BlockstoreLike | undefined): BlockstoreLike {
  for (const method of ["put", "get", "has"] as const) {
    if (typeof (blockstore as Partial<BlockstoreLike> | undefined)?.[method] === "function") continue;
    throw new InvalidInputError(`The blockstore can't be used: it has no method ${method}.`, {
      operation: "ipfs.open",
    });
  }
  return blockstore as BlockstoreLike;
}

function searchedInVain(address: Address, error: unknown, { context }: Call): TimeoutError {
  const { operation } = context;
  const { message, cause } = translateStoreFailure(error, { operation, action: `searching for ${address}` });
  return new TimeoutError(message, { operation, cause, reason: "search" });
}
