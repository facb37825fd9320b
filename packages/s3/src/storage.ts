import {
  Address,
  type GetOptions,
  NotFoundError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
  type StorageCapabilities,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { backOff, CONFLICTS } from "./back-off.ts";
import { BucketRequests, type ObjectToPut, refusesConditions } from "./bucket.ts";
import { checkBytes } from "./check-bytes.ts";
import type { FaultContext } from "./errors.ts";
import { addressOfKey, base64Of, contentKey, hexOf, keyOf } from "./layout.ts";
import { Lifetime } from "./lifetime.ts";
import { LARGEST_CONTENT } from "./limits.ts";
import { type CheckedOptions, checkOptions, type S3StorageOptions } from "./options.ts";
import { isFailure } from "./service-failure.ts";

/**
 * Contents in a bucket, each in an object that is called by its SHA-256: `<prefix>/contents/<64 hex>`.
 *
 * Nothing is sent before the first operation. `get` checks the bytes against the address and throws `IntegrityError`
 * for an object with wrong ones; `put` of the same content mends it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function s3Storage(options: S3StorageOptions): Required<StorageBackend> {
  return new BucketStorage(checkOptions(options, LARGEST_CONTENT));
}

/** What {@link s3Storage} makes. */
export class BucketStorage implements Required<StorageBackend> {
  readonly name = "s3";
  readonly capabilities: StorageCapabilities;
  readonly #options: CheckedOptions;
  readonly #bucket: BucketRequests;
  readonly #lifetime: Lifetime;

  /** @param release - called once, when it is closed and nothing is under way */
  constructor(options: CheckedOptions, release?: () => void) {
    this.#options = options;
    this.#bucket = new BucketRequests(options);
    this.#lifetime = new Lifetime("storage", release);
    this.capabilities = Object.freeze({
      largestContent: options.largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: true,
      delete: true,
      list: true,
    });
  }

  async put(content: Uint8Array, options: OperationOptions = {}): Promise<Address> {
    const context = { ...this.#context("storage.put", "storing a content"), bytes: content.length };
    const limit = this.#options.largestContent;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (content.length > limit) {
        throw new TooLargeError(
          `A content of ${content.length} bytes was not stored: the limit is ${limit}. Split it, or raise ` +
            "`largestContent`.",
          { operation: context.operation, limit },
        );
      }
      // The caller may change its bytes as soon as it has this promise.
      const bytes = new Uint8Array(content);
      const digest = await rawSha256.digest(bytes);
      await this.#store(
        keyOf(this.#options.prefix, "contents", hexOf(digest)),
        bytes,
        digest,
        context,
        signal,
      );
      return Address.create(rawSha256.codec, rawSha256.hash, digest);
    });
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const context = this.#context("storage.get", `reading ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const key = this.#keyOf(address);
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestContent);
      const found = await this.#bucket
        .get(key, { limit, signal, context, what: `${address}` })
        .catch((error: unknown) => {
          throw isFailure(error, "NoSuchKey")
            ? new NotFoundError(`There is no content ${address} in ${this.#options.place}.`, context)
            : error;
        });
      await checkBytes(found.content, address, context);
      return found.content;
    });
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async (signal) =>
      this.#bucket.has(this.#keyOf(address), signal),
    );
  }

  async delete(address: Address, options: OperationOptions = {}): Promise<void> {
    const context = this.#context("storage.delete", `removing ${address}`);
    await this.#lifetime.run(context, options.signal, async (signal) =>
      this.#bucket.delete(this.#keyOf(address), signal),
    );
  }

  async *list(options: OperationOptions = {}): AsyncGenerator<Address, void, undefined> {
    const { signal } = options;
    const context = this.#context("storage.list", "listing the contents");
    const prefix = `${keyOf(this.#options.prefix, "contents")}/`;
    let from: string | undefined;
    do {
      // Page by page, so that nothing is open while the caller is busy with an address.
      const page = await this.#lifetime.run(context, signal, (inner) =>
        this.#bucket.list(prefix, from, context, inner),
      );
      for (const key of page.keys) {
        signal?.throwIfAborted();
        this.#lifetime.check(context);
        const address = addressOfKey(key, prefix);
        if (address !== undefined) yield address;
      }
      from = page.next;
    } while (from !== undefined);
    signal?.throwIfAborted();
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  async #store(
    key: string,
    body: Uint8Array,
    digest: Uint8Array,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { traits } = this.#bucket;
    for (let conflicts = 0; traits.conditions; ) {
      try {
        await this.#write({ key, body, digest, create: true }, context, signal);
        return;
      } catch (error) {
        if (refusesConditions(error)) {
          // It need not: the same key always gets the same bytes.
          await this.#write({ key, body, digest }, context, signal);
          traits.conditions = false;
          return;
        }
        if (isFailure(error, 409) && ++conflicts < CONFLICTS) {
          await backOff(conflicts, signal);
          continue;
        }
        if (!isFailure(error, 412)) throw error;
        // Something is there. A tool that cut it short, or put other bytes under this key, must not pass for it.
        const held = await this.#bucket.head(key, signal);
        if (held?.length === body.length && held.checksum === base64Of(digest)) return;
        break;
      }
    }
    await this.#write({ key, body, digest }, context, signal);
  }

  async #write(object: ObjectToPut, context: FaultContext, signal: AbortSignal | undefined): Promise<void> {
    if ((await this.#bucket.put(object, signal)) !== undefined) return;
    // CORS may hide the ETag. Or what said yes is no service: a page that asks for a password, say.
    const held = await this.#bucket.head(object.key, signal);
    if (held?.length === object.body.length) return;
    throw new UnreachableError(
      `While ${context.action}, something answered that all is well, and then did not show the content. Check the ` +
        "network, and that the endpoint is that of an S3 interface.",
      { operation: context.operation },
    );
  }

  #keyOf(address: Address): string {
    return keyOf(this.#options.prefix, "contents", contentKey(address));
  }

  #context(operation: string, action: string): FaultContext {
    return { operation, action: `${action} in ${this.#options.place}` };
  }
}
