// The storage that a log is copied to when it is exported: every content becomes a block of the file.

import {
  type Address,
  addressOf,
  type GetOptions,
  NotFoundError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { concatBytes, throwIfAborted } from "@remote-log/core/adapter";
import { encodeHeader } from "./header.ts";
import { cidPrefix } from "./scan.ts";
import type { CarSink } from "./sink.ts";
import { varint } from "./varint.ts";

/** How many of the newest blocks are noted, so that what is stored again and again is in the file once. */
const NOTED = 16_384;

/** The largest content, in bytes: that of the protocol. */
const LARGEST_CONTENT = 16 * 1024 * 1024;

/** Writes the blocks of a CAR file, one after the other. */
export class BlockWriter implements StorageBackend {
  readonly name = "the CAR file";
  readonly capabilities: StorageBackend["capabilities"] = {
    largestContent: LARGEST_CONTENT,
    hashTypes: [rawSha256],
    readYourWrites: true,
    delete: false,
    list: false,
  };
  readonly #sink: CarSink;
  readonly #base: readonly StorageBackend[];
  readonly #noted = new Set<string>();
  // Until its end nobody knows the root.
  #turn: Promise<void>;
  /** How many blocks were written. */
  blocks = 0;
  /** How many bytes the file has so far. */
  bytes = 0;

  /** @param base - where that is read from which the reader of the file has already */
  constructor(sink: CarSink, base: readonly StorageBackend[]) {
    this.#sink = sink;
    this.#base = base;
    const noRoot = encodeHeader(concatBytes([cidPrefix(rawSha256), new Uint8Array(rawSha256.digestBytes)]));
    this.#turn = this.#append(noRoot);
    this.#turn.catch(() => undefined);
  }

  async put(
    content: Uint8Array,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Address> {
    throwIfAborted(options.signal);
    const address = await addressOf(content, rawSha256);
    const key = `${address}`;
    if (!this.#noted.has(key)) {
      this.#note(key);
      const { bytes: cid } = address;
      const section = concatBytes([varint(cid.length + content.length), cid, content]);
      this.#turn = this.#turn.then(() => this.#append(section));
      this.blocks++;
    }
    await this.#turn;
    return address;
  }

  async get(address: Address, options?: GetOptions): Promise<Uint8Array> {
    let failure: unknown = new NotFoundError(`The CAR file has no content ${address} yet.`, {
      operation: "storage.get",
    });
    for (const storage of this.#base) {
      try {
        return await storage.get(address, options);
      } catch (error) {
        throwIfAborted(options?.signal);
        failure = error;
      }
    }
    throw failure;
  }

  async has(): Promise<boolean> {
    return false;
  }

  /** Writes the root, and makes the file whole. */
  async finish(head: Uint8Array, signal: AbortSignal | undefined): Promise<Address> {
    const root = await this.put(head, { signal });
    throwIfAborted(signal);
    await this.#sink.finish(encodeHeader(root.bytes));
    return root;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.bytes += bytes.length;
  }

  #note(key: string): void {
    this.#noted.add(key);
    if (this.#noted.size <= NOTED) return;
    for (const oldest of this.#noted) {
      this.#noted.delete(oldest);
      break;
    }
  }
}
