import {
  type Address,
  addressOf,
  checkContent,
  type GetOptions,
  hashTypeOf,
  IntegrityError,
  NotFoundError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
  type StorageCapabilities,
  TimeoutError,
  TooLargeError,
} from "@remote-log/core";
import {
  cleanText,
  Lifetime,
  type OperationContext,
  Semaphore,
  withDeadline,
} from "@remote-log/core/adapter";
import { statusOf, textOf, translateFailure } from "./errors.ts";
import {
  type CheckedStorageOptions,
  checkStorageOptions,
  type IpfsStorageOptions,
  LARGEST_BLOCK,
} from "./options.ts";
import { Blocks, isNotFound } from "./rpc/blocks.ts";
import { type RpcNode, rpcNode } from "./rpc/node.ts";

/** Contents as raw blocks of a node. */
export interface IpfsStorage extends StorageBackend {
  /**
   * Takes the pin of a content away: the node may then drop it when it collects its garbage. A content that is not
   * pinned stays as it is. Others may have it still. A storage that pins nothing (`pin: false`) takes no pin away: it
   * would be somebody else's.
   */
  release(address: Address, options?: OperationOptions): Promise<void>;
  close(): Promise<void>;
}

/** Requests at once: nodes write one after the other, and read what others have side by side. */
const WRITES_AT_ONCE = 16;
const READS_AT_ONCE = 128;

/**
 * Contents as raw blocks of a Kubo node, pinned there: the content of a CID that begins with `bafkrei`. Nothing is sent
 * before the first operation.
 *
 * `has` asks the node's own store alone; `get` has the node look for what it does not have among those whom it is
 * connected to.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function ipfsStorage(options: IpfsStorageOptions): IpfsStorage {
  return new NodeStorage(rpcNode(options), checkStorageOptions(options));
}

class NodeStorage implements IpfsStorage {
  readonly name = "ipfs";
  readonly capabilities: StorageCapabilities;
  readonly #place: string;
  readonly #options: CheckedStorageOptions;
  readonly #blocks: Blocks;
  readonly #lifetime = new Lifetime({ what: "storage", translate: translateFailure });
  readonly #writes = new Semaphore(WRITES_AT_ONCE);
  readonly #reads = new Semaphore(READS_AT_ONCE);

  constructor(node: RpcNode, options: CheckedStorageOptions) {
    this.#place = node.place;
    this.#blocks = new Blocks(node);
    this.#options = options;
    this.capabilities = Object.freeze({
      largestContent: options.largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: true,
      delete: false,
      list: false,
      absence: "local",
    });
  }

  async put(content: Uint8Array, options: OperationOptions = {}): Promise<Address> {
    const context = this.#context("storage.put", "storing a content");
    const { largestContent: limit, pin } = this.#options;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (content.length > limit) throw tooLarge(content.length, limit, context);
      // The caller may change its bytes as soon as it has this promise.
      const bytes = new Uint8Array(content);
      const address = await addressOf(bytes, rawSha256);
      const answered = await this.#writes
        .run(signal, () =>
          this.#answer(context, signal, (inner) => this.#blocks.put(bytes, pin, { signal: inner, context })),
        )
        .catch((error: unknown) => {
          throw statusOf(error) === 413 ? refusedAsTooLarge(bytes.length, context) : error;
        });
      if (answered === `${address}`) return address;
      throw new IntegrityError(
        `While ${context.action}, it answered with ${cleanText(answered)}, and the content is ${address}: what it has stored is ` +
          "something else. Check what stands between here and the node.",
        { operation: context.operation },
      );
    });
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = this.#context("storage.get", `reading ${address}`);
    const { searchMilliseconds: milliseconds, answerMilliseconds } = this.#options;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, LARGEST_BLOCK);
      const content = await this.#reads
        .run(signal, () =>
          this.#within(milliseconds + answerMilliseconds, context, signal, (inner) =>
            this.#blocks.get(address, { limit, milliseconds }, { signal: inner, context }),
          ),
        )
        .catch((error: unknown) => {
          throw this.#missing(error, address) ?? error;
        });
      if (content.length > limit) throw tooLarge(content.length, limit, context);
      await checkContent(content, address, this.capabilities.hashTypes);
      return content;
    });
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      return this.#reads.run(signal, () =>
        this.#answer(context, signal, (inner) => this.#blocks.has(address, { signal: inner, context })),
      );
    });
  }

  async release(address: Address, options: OperationOptions = {}): Promise<void> {
    const context = this.#context("storage.release", `releasing ${address}`);
    await this.#lifetime.run(context, options.signal, async (signal) => {
      hashTypeOf(address, this.capabilities.hashTypes);
      if (!this.#options.pin) return;
      await this.#writes.run(signal, () =>
        this.#answer(context, signal, (inner) => this.#blocks.unpin(address, { signal: inner, context })),
      );
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  #answer<T>(
    context: OperationContext,
    signal: AbortSignal,
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#within(this.#options.answerMilliseconds, context, signal, request);
  }

  #within<T>(
    milliseconds: number,
    { operation }: OperationContext,
    signal: AbortSignal,
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline({ milliseconds, operation, backend: this.#place, signal }, request);
  }

  /** What it means that a node did not find a block. */
  #missing(error: unknown, address: Address): Error | undefined {
    const operation = "storage.get";
    if (isNotFound(error)) {
      return new NotFoundError(
        `There is no content ${address} at ${this.#place}, which is offline and asks nobody else.`,
        { operation },
      );
    }
    if (!/context deadline exceeded|timed? out/i.test(textOf(error)) || error instanceof TimeoutError)
      return undefined;
    const cause = new Error(textOf(error));
    return new TimeoutError(
      `${this.#place} did not find ${address} within ${this.#options.searchMilliseconds} ms: it does not have it, and nobody ` +
        "whom it is connected to showed it. It may not be provided yet, or was collected as garbage. Try again, allow " +
        "more time (searchMilliseconds), or connect the node to one that has it.",
      { operation, cause },
    );
  }

  #context(operation: string, action: string): OperationContext {
    return { operation, action: `${action} at ${this.#place}` };
  }
}

function tooLarge(bytes: number, limit: number, { operation, action }: OperationContext): TooLargeError {
  const where = operation === "storage.put" ? "Split it, or raise `largestContent` (to 2 MiB at most)." : "";
  return new TooLargeError(
    `While ${action}: it has ${bytes} bytes, and the limit is ${limit}. ${where}`.trim(),
    {
      operation,
      limit,
    },
  );
}

function refusedAsTooLarge(bytes: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it answered 413, so that ${bytes} bytes are more than it, or a proxy before it, takes. Allow ` +
      "larger bodies there, or lower `largestContent`.",
    { operation, limit: bytes - 1 },
  );
}
