// The heads of names, as contents: stored before their records are published, released when no name needs them any more.

import { type Address, checkContent, isRemoteLogError, rawSha256 } from "@remote-log/core";
import { type Call, checkSize, type Lifetime } from "@remote-log/core/adapter";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { headMissing, wrongAddress } from "./errors.ts";
import { HeadPins } from "./head-pins.ts";
import type { HeadStorage } from "./options.ts";

/** A head that a name is to point at. */
export interface NewHead {
  readonly name: string;
  readonly address: Address;
  readonly content: Uint8Array;
  /** The head that the name pointed at before. */
  readonly previous: Address | undefined;
}

/** The heads of all names of one resolver. */
export class Heads {
  readonly #storage: HeadStorage;
  readonly #lifetime: Lifetime;
  readonly #pins = new HeadPins();
  /** Heads whose pins are being removed, by address. */
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(storage: HeadStorage, lifetime: Lifetime) {
    this.#storage = storage;
    this.#lifetime = lifetime;
  }

  /**
   * Stores a head, publishes it, and then releases those that no name needs any more.
   *
   * @param publish - called once the head is stored
   * @throws IntegrityError `ERR_INTEGRITY` if the storage keeps something else
   * @throws whatever the storage and `publish` throw
   */
  async publish(head: NewHead, { signal, context }: Call, publish: () => Promise<void>): Promise<void> {
    const { name, address, content, previous } = head;
    this.#pins.begin(name, address);
    try {
      // Otherwise a release that is under way could remove the pin that this put makes.
      await this.#releasing.get(`${address}`);
      const stored = await this.#storage.put(content, { signal });
      if (!stored.equals(address)) throw wrongAddress(`${stored}`, `${address}`, context);
      await publish();
      this.#release(this.#pins.accept(name, address, previous));
    } finally {
      this.#pins.end(address);
    }
  }

  /**
   * The head that a record points at: the one that it carries, or else the block of that address.
   *
   * @throws NotPropagatedError `ERR_NOT_PROPAGATED` if the storage does not have it yet
   * @throws TooLargeError `ERR_TOO_LARGE`; IntegrityError `ERR_INTEGRITY`; whatever the storage throws
   */
  async read(
    record: IpnsRecord,
    address: Address,
    limit: number,
    { signal, context }: Call,
  ): Promise<Uint8Array> {
    if (record.head !== undefined) {
      checkSize(record.head.length, limit, context);
      return record.head;
    }
    const content = await this.#storage.get(address, { signal, maxBytes: limit }).catch((error: unknown) => {
      const isMissing = isRemoteLogError(error) && error.code === "ERR_NOT_FOUND";
      throw isMissing ? headMissing(error, context) : error;
    });
    await checkContent(content, address, [rawSha256]);
    return content;
  }

  // In the background. A pin too many does no harm, and the next update releases one as well.
  #release(heads: readonly Address[]): void {
    for (const head of heads) {
      const context = { operation: "storage.release", action: `releasing the head ${head}` };
      const releasing = this.#lifetime
        .run(context, undefined, async (signal) => this.#storage.release?.(head, { signal }))
        .catch(() => undefined)
        .finally(() => this.#releasing.delete(`${head}`));
      this.#releasing.set(`${head}`, releasing);
    }
  }
}
