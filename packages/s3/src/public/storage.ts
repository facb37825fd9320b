// The contents of a bucket that everybody may read.

import {
  type Address,
  type ByteRange,
  hasCode,
  IntegrityError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { type Call, defineStorage, type Fetch, type ReadOnlyStorageDriver } from "@remote-log/core/adapter";
import { checkIntegrity } from "../integrity.ts";
import { contentKey } from "../layout.ts";
import { REQUEST_BYTES } from "../limits.ts";
import { fromPublicFailure } from "./errors.ts";
import { getObject } from "./get-object.ts";
import { type CheckedPublicOptions, READ_ONLY } from "./options.ts";

/** The storage of a public remote. */
export function publicStorage(options: CheckedPublicOptions): StorageBackend {
  return defineStorage(new PublicStorage(options));
}

class PublicStorage implements ReadOnlyStorageDriver {
  readonly name = "public s3";
  readonly place: string;
  readonly readOnly = READ_ONLY;
  readonly translate = fromPublicFailure;
  readonly capabilities: ReadOnlyStorageDriver["capabilities"];
  readonly #fetch: Fetch | undefined;
  readonly #answerMilliseconds: number;

  constructor({ url, largestContent, readYourWrites, answerMilliseconds, fetch }: CheckedPublicOptions) {
    this.place = url;
    this.#fetch = fetch;
    this.#answerMilliseconds = answerMilliseconds;
    this.capabilities = {
      largestContent,
      hashTypes: [rawSha256],
      readYourWrites,
      requestBytes: REQUEST_BYTES,
    };
  }

  async get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    try {
      // What is called by its hash never changes.
      return await this.#read(address, limit, "default", call);
    } catch (error) {
      const isPage = hasCode(error, "ERR_UNREACHABLE") && error.reason === "web-page";
      if (!(error instanceof IntegrityError) && !isPage) throw error;
      // A cache that once got wrong bytes, or the page of a network, would give them for as long as it keeps them.
      return this.#read(address, limit, "reload", call);
    }
  }

  /** A part can't be checked against the address: that is for whoever knows what it must be. */
  async getRange(address: Address, range: ByteRange, call: Call): Promise<Uint8Array | undefined> {
    // What is called by its hash never changes, and a part that is wrong is read again as a whole.
    const request = { ...this.#requestFor(address), range, limit: range.length, cache: "default" } as const;
    const reply = await getObject(request, call);
    return reply.status === "found" ? reply.content : undefined;
  }

  async has(address: Address, call: Call): Promise<boolean> {
    const request = { ...this.#requestFor(address), limit: 1, first: true, cache: "no-cache" } as const;
    return (await getObject(request, call)).status === "found";
  }

  async #read(
    address: Address,
    limit: number,
    cache: "default" | "reload",
    call: Call,
  ): Promise<Uint8Array | undefined> {
    const reply = await getObject({ ...this.#requestFor(address), limit, cache }, call);
    if (reply.status !== "found") return undefined;
    await checkIntegrity(reply.content, address, call.context);
    return reply.content;
  }

  #requestFor(address: Address) {
    const url = `${this.place}/${contentKey("", address.digest)}`;
    return { url, answerMilliseconds: this.#answerMilliseconds, what: `${address}`, fetch: this.#fetch };
  }
}
