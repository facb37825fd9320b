// Contents as raw blocks that a gateway shows (Trustless Gateway Specification, "GET /ipfs/{cid}", "Block Responses").

import {
  type Address,
  checkContent,
  isRemoteLogError,
  type RemoteLogError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import {
  type Call,
  type CallLimits,
  defineStorage,
  discardBody,
  limitCalls,
  type ReadOnlyStorageDriver,
  readBody,
} from "@remote-log/core/adapter";
import { REQUEST_BYTES } from "../blocks/sizes.ts";
import { gatewayFailure, noGateway, READ_ONLY } from "./errors.ts";
import { checkGateway, checkLimits, type Gateway, type GatewayStorageOptions } from "./options.ts";
import { askGateway, isPage } from "./request.ts";

/** The media type of one block. */
const RAW = "application/vnd.ipld.raw";

/**
 * The contents that an IPFS gateway shows, as raw blocks, over plain `fetch`: on any trustless gateway, such as Kubo's own.
 * Every answer is verified against its address, so that the gateway need not be trusted.
 *
 * A gateway looks for a content in the whole network. `get` gives it `searchMilliseconds`, then it is `ERR_TIMEOUT`: whoever
 * has the content may be offline. `has` asks for the gateway's own store only. If a gateway ignores that, or a browser may
 * not send it, the gateway asks the network, and then doubt is `ERR_TIMEOUT` as well. `put` is `ERR_UNSUPPORTED` with the
 * reason `"read-only"`. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { Address } from "@remote-log/core";
 * import { gatewayStorage } from "@remote-log/ipfs/gateway";
 *
 * const storage = gatewayStorage({ url: "https://trustless-gateway.link" });
 * const address = Address.fromString("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
 * const content = await storage.get(address); // "hello world"
 * ```
 */
export function gatewayStorage(options: GatewayStorageOptions): StorageBackend {
  return defineStorage(new GatewayDriver(options));
}

class GatewayDriver implements ReadOnlyStorageDriver {
  readonly name = "ipfs gateway";
  readonly place: string;
  readonly capabilities: ReadOnlyStorageDriver["capabilities"];
  readonly limits: CallLimits;
  readonly readOnly = READ_ONLY;
  readonly translate = gatewayFailure;
  readonly #gateway: Gateway;

  constructor(options: GatewayStorageOptions) {
    const { searchMilliseconds, largestContent } = checkLimits(options);
    this.#gateway = checkGateway(options);
    this.place = `the gateway ${this.#gateway.url}`;
    this.capabilities = {
      largestContent,
      hashTypes: [rawSha256],
      readYourWrites: false,
      absence: "local",
      requestBytes: REQUEST_BYTES,
    };
    this.limits = limitCalls({ milliseconds: { get: searchMilliseconds, has: searchMilliseconds } });
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    // A content never changes under its hash: it may come from a cache.
    let read = await this.#read(address, limit, "default", call);
    // But a cache that once got wrong bytes would give them as long as it keeps them.
    if (isRemoteLogError(read)) read = await this.#read(address, limit, "reload", call);
    if (isRemoteLogError(read)) throw read;
    return read;
  }

  async has(address: Address, call: Call): Promise<boolean> {
    try {
      return await this.#look(address, { "cache-control": "only-if-cached" }, call);
    } catch (error) {
      // A browser may not send this header unless the gateway's CORS allows it, and Kubo's does not by default.
      if (!(error instanceof TypeError)) throw error;
      return this.#look(address, {}, call);
    }
  }

  /** The content; `undefined` if it is not there; or what was wrong with what came in its place. */
  async #read(
    address: Address,
    limit: number,
    cache: "default" | "reload",
    { signal, context }: Call,
  ): Promise<Uint8Array | RemoteLogError | undefined> {
    const question = { gateway: this.#gateway, path: pathOf(address), accept: RAW, signal, context };
    const response = await askGateway({ ...question, method: "GET", cache });
    if (response === undefined) return undefined;
    if (isPage(response)) {
      await discardBody(response);
      return noGateway(context, "a web page");
    }
    const content = await readBody(response, { limit, operation: context.operation, what: `${address}` });
    try {
      await checkContent(content, address, [rawSha256]);
      return content;
    } catch (error) {
      if (isRemoteLogError(error)) return error;
      throw error;
    }
  }

  async #look(
    address: Address,
    headers: Readonly<Record<string, string>>,
    { signal, context }: Call,
  ): Promise<boolean> {
    const question = { gateway: this.#gateway, path: pathOf(address), accept: RAW, signal, context };
    // 412: it is not in the gateway's own store.
    const absences = [404, 410, 412];
    const response = await askGateway({ ...question, method: "HEAD", headers, absences, cache: "no-store" });
    if (response === undefined) return false;
    await discardBody(response);
    if (isPage(response)) throw noGateway(context, "a web page");
    return true;
  }
}

function pathOf(address: Address): string {
  return `/ipfs/${address}?format=raw`;
}
