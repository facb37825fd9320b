// Contents in a bucket: the driver.

import {
  Address,
  type ByteRange,
  isRemoteLogError,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "@remote-log/core";
import {
  type Call,
  defineStorage,
  encodeBase64,
  RetryBudget,
  type StorageDriver,
} from "@remote-log/core/adapter";
import { fromFailure } from "./errors.ts";
import { checkIntegrity } from "./integrity.ts";
import { addressOfKey, contentKey, contentPrefix } from "./layout.ts";
import { REQUEST_BYTES, RETRIES } from "./limits.ts";
import type { CheckedOptions } from "./place-options.ts";
import { backOff, CONFLICTS } from "./service/back-off.ts";
import { BucketRequests, type ObjectToPut } from "./service/requests.ts";
import { isFailure, refusesConditions, ServiceFailure } from "./service/service-failure.ts";

/**
 * A storage in a bucket, by whatever client.
 *
 * @param release - called once, when it is closed and nothing is running
 */
export function storageOf(
  options: CheckedOptions,
  release?: () => void,
): Required<Omit<StorageBackend, "putMany" | "release">> {
  return defineStorage(new BucketStorage(options, release));
}

class BucketStorage implements StorageDriver {
  readonly name = "s3";
  readonly place: string;
  readonly preposition = "in";
  readonly capabilities: StorageDriver["capabilities"];
  readonly translate = fromFailure;
  readonly close: () => void;
  readonly #prefix: string;
  readonly #bucket: BucketRequests;

  constructor(options: CheckedOptions, release: () => void = () => undefined) {
    const { place, prefix, largestContent } = options;
    this.place = place;
    this.#prefix = prefix;
    this.#bucket = new BucketRequests(options);
    this.capabilities = {
      largestContent,
      hashTypes: [rawSha256],
      readYourWrites: true,
      requestBytes: REQUEST_BYTES,
    };
    this.close = release;
  }

  async put(body: Uint8Array, call: Call): Promise<Address> {
    const digest = await rawSha256.digest(body);
    await this.#store({ key: contentKey(this.#prefix, digest), body, digest }, call);
    return Address.create(rawSha256.codec, rawSha256.hash, digest);
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    try {
      const { content } = await this.#bucket.get(this.#keyOf(address), { limit, what: `${address}` }, call);
      await checkIntegrity(content, address, call.context);
      return content;
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  /** A part can't be checked against the address: that is for whoever knows what it must be. */
  async getRange(address: Address, range: ByteRange, call: Call): Promise<Uint8Array | undefined> {
    try {
      return await this.#bucket.getRange(this.#keyOf(address), range, `${address}`, call);
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  has(address: Address, call: Call): Promise<boolean> {
    return this.#bucket.has(this.#keyOf(address), call);
  }

  delete(address: Address, call: Call): Promise<void> {
    return this.#bucket.delete(this.#keyOf(address), call);
  }

  async *list(call: Call): AsyncGenerator<Address, void, undefined> {
    let from: string | undefined;
    // Whoever lists can't repeat one page of a thousand.
    const budget = new RetryBudget({ signal: call.signal, retries: RETRIES });
    do {
      // Page by page, so that nothing is open while the caller is busy with an address.
      const { keys, next } = await budget.run(() => this.#page(from, call), { maySucceed: failedOnTheWay });
      for (const key of keys) {
        const address = addressOfKey(this.#prefix, key);
        if (address !== undefined) yield address;
      }
      from = next;
    } while (from !== undefined);
  }

  async #page(from: string | undefined, call: Call): ReturnType<BucketRequests["list"]> {
    try {
      return await this.#bucket.list(contentPrefix(this.#prefix), from, call);
    } catch (error) {
      throw fromFailure(error, call.context);
    }
  }

  async #store(object: ObjectToPut, call: Call): Promise<void> {
    const { traits } = this.#bucket;
    for (let conflicts = 0; traits.conditions; ) {
      try {
        await this.#write({ ...object, create: true }, call);
        return;
      } catch (error) {
        if (refusesConditions(error)) {
          // Contents need none: the same key always gets the same bytes.
          await this.#write(object, call);
          traits.conditions = false;
          return;
        }
        if (isFailure(error, 409) && ++conflicts < CONFLICTS) {
          await backOff(conflicts, call.signal);
          continue;
        }
        if (!isFailure(error, 412)) throw error;
        // Something is there. If another tool cut it short, or put other bytes under this key, it must not pass for it.
        const held = await this.#bucket.head(object.key, call);
        if (held?.length === object.body.length && held.checksum === encodeBase64(object.digest)) return;
        break;
      }
    }
    await this.#write(object, call);
  }

  async #write(object: ObjectToPut, call: Call): Promise<void> {
    const { operation, action } = call.context;
    if ((await this.#bucket.put(object, call)) !== undefined) return;
    // CORS may hide the ETag. Or what said yes is no service: a page that asks for a password, say.
    const held = await this.#bucket.head(object.key, call);
    if (held?.length === object.body.length) return;
    throw new UnreachableError(
      `While ${action}, something answered that all is well, and then did not show the content. Check the ` +
        "network, and that the endpoint is that of an S3 interface.",
      { operation, reason: "not-s3" },
    );
  }

  #keyOf(address: Address): string {
    return contentKey(this.#prefix, address.digest);
  }
}

/** Whether a request failed as such: a list that makes no sense would make none the next time either. */
function failedOnTheWay(error: unknown): boolean {
  return isRemoteLogError(error) && error.cause instanceof ServiceFailure;
}
