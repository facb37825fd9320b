import {
  type Address,
  checkContent,
  type GetOptions,
  hashTypeOf,
  isRemoteLogError,
  NotFoundError,
  type OperationOptions,
  type RemoteLogError,
  rawSha256,
  type StorageBackend,
  type StorageCapabilities,
} from "@remote-log/core";
import {
  discardBody,
  Lifetime,
  type OperationContext,
  readBody,
  withDeadline,
} from "@remote-log/core/adapter";
import { gatewayFailure, noGateway, readOnly } from "./errors.ts";
import { checkGateway, checkLimits, type Gateway, type GatewayStorageOptions } from "./options.ts";
import { askGateway, isPage } from "./request.ts";

/** The media type of one block. */
const RAW = "application/vnd.ipld.raw";

/**
 * The contents that an IPFS gateway shows, as raw blocks, over plain `fetch`: on any gateway of the trustless kind, such
 * as Kubo's own. Every answer is checked against its address, so it matters not who runs the gateway.
 *
 * A gateway looks for a content in the whole network. `get` gives it `searchMilliseconds`, then it is `ERR_TIMEOUT`:
 * whoever has the content may just be off. `has` asks for the gateway's own store alone; a gateway that does not know that
 * wish, or a browser that may not express it, has the network asked, and then doubt is `ERR_TIMEOUT`, too. `put` is
 * `ERR_UNSUPPORTED`. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function gatewayStorage(options: GatewayStorageOptions): StorageBackend {
  return new GatewayStorage(options);
}

class GatewayStorage implements StorageBackend {
  readonly name = "ipfs gateway";
  readonly capabilities: StorageCapabilities;
  readonly #gateway: Gateway;
  readonly #searchMilliseconds: number;
  readonly #lifetime: Lifetime = new Lifetime({ what: "storage", translate: gatewayFailure });

  constructor(options: GatewayStorageOptions) {
    const { searchMilliseconds, largestContent } = checkLimits(options);
    this.#gateway = checkGateway(options);
    this.#searchMilliseconds = searchMilliseconds;
    this.capabilities = Object.freeze({
      largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: false,
      delete: false,
      list: false,
      absence: "local",
    });
  }

  async put(_content: Uint8Array, { signal }: OperationOptions = {}): Promise<Address> {
    const context = this.#context("storage.put", "storing a content");
    return this.#lifetime.run(context, signal, () => Promise.reject(readOnly(context)));
  }

  async get(address: Address, { signal, maxBytes }: GetOptions = {}): Promise<Uint8Array> {
    const context = this.#context("storage.get", `reading ${address}`);
    const limit = Math.min(maxBytes ?? Number.POSITIVE_INFINITY, this.capabilities.largestContent);
    return this.#inTime(address, context, signal, async (timed) => {
      // What is called by its hash never changes: a cache may have it.
      let read = await this.#read(address, limit, "default", context, timed);
      // But one that once got wrong bytes would give them for as long as it keeps them.
      if (isRemoteLogError(read)) read = await this.#read(address, limit, "reload", context, timed);
      if (isRemoteLogError(read)) throw read;
      return read;
    });
  }

  async has(address: Address, { signal }: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#inTime(address, context, signal, async (timed) => {
      const ask = (headers: Readonly<Record<string, string>>): Promise<boolean> =>
        this.#look(address, headers, context, timed);
      try {
        return await ask({ "cache-control": "only-if-cached" });
      } catch (error) {
        // A browser may not send this header where the gateway's CORS does not allow it, as Kubo's does not by itself.
        if (!(error instanceof TypeError)) throw error;
        return ask({});
      }
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  /** The content; or what was wrong with what came as such. */
  async #read(
    address: Address,
    limit: number,
    cache: "default" | "reload",
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<Uint8Array | RemoteLogError> {
    const response = await askGateway({
      gateway: this.#gateway,
      path: pathOf(address),
      method: "GET",
      accept: RAW,
      cache,
      signal,
      context,
    });
    if (response === undefined) {
      throw new NotFoundError(`The gateway at ${this.#gateway.url} says that it has no content ${address}.`, {
        operation: context.operation,
      });
    }
    if (isPage(response)) {
      await discardBody(response);
      return noGateway(context, "a web page");
    }
    const content = await readBody(response, { limit, operation: context.operation, what: `${address}` });
    try {
      await checkContent(content, address, this.capabilities.hashTypes);
      return content;
    } catch (error) {
      if (isRemoteLogError(error)) return error;
      throw error;
    }
  }

  async #look(
    address: Address,
    headers: Readonly<Record<string, string>>,
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<boolean> {
    const response = await askGateway({
      gateway: this.#gateway,
      path: pathOf(address),
      method: "HEAD",
      accept: RAW,
      headers,
      // 412: not in its own store.
      absences: [404, 410, 412],
      cache: "no-store",
      signal,
      context,
    });
    if (response === undefined) return false;
    await discardBody(response);
    if (isPage(response)) throw noGateway(context, "a web page");
    return true;
  }

  /** Runs one request about a content for as long as the gateway may look for it. */
  #inTime<T>(
    address: Address,
    context: OperationContext,
    signal: AbortSignal | undefined,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#lifetime.run(context, signal, async (linked) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      const milliseconds = this.#searchMilliseconds;
      const backend = `The gateway at ${this.#gateway.url}, asked for ${address},`;
      return withDeadline({ milliseconds, operation: context.operation, backend, signal: linked }, ask);
    });
  }

  #context(operation: string, action: string): OperationContext {
    return { operation, action: `${action} at the gateway ${this.#gateway.url}` };
  }
}

function pathOf(address: Address): string {
  return `/ipfs/${address}?format=raw`;
}
