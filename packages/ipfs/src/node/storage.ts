// Contents as raw blocks of a Kubo node.

import {
  type Address,
  addressOf,
  checkContent,
  IntegrityError,
  isRemoteLogError,
  rawSha256,
  TimeoutError,
  UnreachableError,
} from "@remote-log/core";
import {
  type Call,
  type CallLimits,
  cleanText,
  failureOf,
  limitCalls,
  type StorageDriver,
} from "@remote-log/core/adapter";
import { defineIpfsStorage, type IpfsStorage, type PinningDriver } from "../blocks/ipfs-storage.ts";
import { LARGEST_BLOCK, REQUEST_BYTES, TOO_LARGE_ADVICE } from "../blocks/sizes.ts";
import { saysTooLate, statusOf, textOf, translateFailure } from "../http/errors.ts";
import { Blocks } from "./blocks.ts";
import { type CheckedStorageOptions, checkStorageOptions, type IpfsStorageOptions } from "./options.ts";
import { type RpcNode, rpcNode } from "./rpc.ts";

/** What one request stores at once: the node stores the blocks of it one after the other. */
const PUT_MANY = { contents: 16, bytes: 2 ** 20 };

/** Requests at once: a node writes one block after the other, and searches for many at the same time. */
const WRITES_AT_ONCE = 16;
const READS_AT_ONCE = 128;

/**
 * Contents as raw blocks of a Kubo node, pinned there. Their addresses are CIDs that begin with `bafkrei`. Nothing is sent
 * before the first operation.
 *
 * `has` asks the node's own store only. `get` has the node search for what it does not have among the peers that it is
 * connected to; if none shows it in time, that is `ERR_TIMEOUT` with the reason `"search"`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { ipfsStorage } from "@remote-log/ipfs";
 *
 * const storage = ipfsStorage({ node: "http://127.0.0.1:5001" }); // Or a client of kubo-rpc-client.
 * const address = await storage.put(new TextEncoder().encode("hello world"));
 * const content = await storage.get(address);
 * await storage.release(address); // The node may now remove it when it collects its garbage.
 * await storage.close();
 * ```
 */
export function ipfsStorage(options: IpfsStorageOptions): IpfsStorage {
  const checked = checkStorageOptions(options);
  return defineIpfsStorage(new NodeDriver(rpcNode(options), checked));
}

class NodeDriver implements PinningDriver {
  readonly name = "ipfs";
  readonly place: string;
  readonly tooLarge = TOO_LARGE_ADVICE;
  readonly capabilities: StorageDriver["capabilities"];
  readonly limits: CallLimits;
  readonly translate = translateFailure;
  readonly putMany?: NonNullable<StorageDriver["putMany"]>;
  readonly #blocks: Blocks;
  readonly #pin: boolean;
  readonly #searchMilliseconds: number;

  constructor(node: RpcNode, options: CheckedStorageOptions) {
    const { pin, searchMilliseconds, answerMilliseconds, largestContent } = options;
    this.place = node.place;
    this.#blocks = new Blocks(node);
    this.#pin = pin;
    this.#searchMilliseconds = searchMilliseconds;
    if (this.#blocks.takesMany) this.putMany = (contents, call) => this.#putMany(contents, call);
    this.capabilities = {
      largestContent,
      largestRead: LARGEST_BLOCK,
      hashTypes: [rawSha256],
      readYourWrites: true,
      absence: "local",
      presence: "passing",
      putMany: PUT_MANY,
      requestBytes: REQUEST_BYTES,
    };
    this.limits = limitCalls({
      writesAtOnce: WRITES_AT_ONCE,
      readsAtOnce: READS_AT_ONCE,
      milliseconds: {
        put: answerMilliseconds,
        putMany: answerMilliseconds,
        get: searchMilliseconds + answerMilliseconds,
        has: answerMilliseconds,
        release: answerMilliseconds,
      },
    });
  }

  async put(content: Uint8Array, call: Call): Promise<Address> {
    const address = await addressOf(content, rawSha256);
    const answered = await this.#blocks
      .put(content, this.#pin, call)
      .catch((error: unknown) => throwRefusal(error, call));
    if (answered === `${address}`) return address;
    throw otherStored(answered, address, call);
  }

  async #putMany(contents: readonly Uint8Array[], call: Call): Promise<readonly (Address | Error)[]> {
    const addresses = await Promise.all(contents.map((content) => addressOf(content, rawSha256)));
    const answered = await this.#blocks
      .putMany(contents, this.#pin, call)
      .catch((error: unknown) => throwRefusal(error, call));
    return addresses.map((address, i) => {
      const cid = answered[i];
      if (cid === undefined) return notAnswered(answered.length, addresses.length, call);
      return cid === `${address}` ? address : otherStored(cid, address, call);
    });
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    const search = { limit, milliseconds: this.#searchMilliseconds };
    const content = await this.#blocks.get(address, search, call).catch((error: unknown) => {
      throw saysTooLate(error) && !isRemoteLogError(error)
        ? this.#searchedInVain(address, error, call)
        : error;
    });
    return checkedWithin(content, address, limit);
  }

  async getLocal(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    const content = await this.#blocks.get(address, { limit, milliseconds: undefined }, call);
    return checkedWithin(content, address, limit);
  }

  has(address: Address, call: Call): Promise<boolean> {
    return this.#blocks.has(address, call);
  }

  async release(address: Address, call: Call): Promise<void> {
    if (this.#pin) await this.#blocks.unpin(address, call);
  }

  #searchedInVain(address: Address, error: unknown, { context }: Call): TimeoutError {
    const cause = new Error(textOf(error));
    return new TimeoutError(
      `${this.place} did not find ${address} within ${this.#searchMilliseconds} ms: it does not have it, and no peer that it is ` +
        "connected to showed it. It may not be provided yet, or was collected as garbage. Try again, allow more time " +
        "(searchMilliseconds), or connect the node to one that has it.",
      { operation: context.operation, cause, reason: "search" },
    );
  }
}

// A client reads a block whole: the shell refuses one that is too large, whatever it holds.
async function checkedWithin(
  content: Uint8Array | undefined,
  address: Address,
  limit: number,
): Promise<Uint8Array | undefined> {
  if (content !== undefined && content.length <= limit) await checkContent(content, address, [rawSha256]);
  return content;
}

/** The node says that it has stored something other than the content. */
function otherStored(answered: string, address: Address, { context }: Call): IntegrityError {
  const { action, operation } = context;
  return new IntegrityError(
    `While ${action}: it answered with the CID ${cleanText(answered)}, and the content is ${address}. It has stored ` +
      "something else. Check what is between this device and the node.",
    { operation },
  );
}

/** The node stopped among several blocks. Its reason is in a trailer of the answer (`X-Stream-Error`), which `fetch` does not show. */
function notAnswered(stored: number, sent: number, { context }: Call): UnreachableError {
  const { action, operation } = context;
  return new UnreachableError(
    `While ${action}: it stored ${stored} of ${sent}, and did not say why it stopped. The outcome of the next ` +
      "write is unknown. Store what is missing one by one.",
    { operation },
  );
}

function throwRefusal(error: unknown, call: Call): never {
  throw statusOf(error) === 413 ? refusedAsTooLarge(error, call) : error;
}

function refusedAsTooLarge(error: unknown, { context }: Call): Error {
  return failureOf("too-large", context, {
    cause: new Error(textOf(error)),
    detail: "status 413",
    advice: "Allow larger bodies at the proxy in front of the node, or lower `largestContent`.",
  });
}
