import { createHash } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  Address,
  type GetOptions,
  hashTypeOf,
  IntegrityError,
  NotFoundError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
  type StorageCapabilities,
  TooLargeError,
} from "@remote-log/core";
import { removeLeftovers, replaceFile, syncFolder } from "./durable.ts";
import { errnoOf, type FaultContext } from "./errors.ts";
import { Lifetime } from "./lifetime.ts";
import { type CheckedOptions, checkOptions, type FsStorageOptions } from "./options.ts";
import { fill, isFile, openFile, readFile } from "./read-file.ts";
import { Root } from "./root.ts";

const LARGEST_CONTENT = 64 * 1024 * 1024;
const PIECE = 1024 * 1024;

/**
 * Contents in a folder, each in a file that is called by its SHA-256: `<root>/contents/<2 hex>/<62 hex>`.
 *
 * Nothing is read or made before the first operation. Any number of objects and processes may use one folder.
 * `get` checks the bytes against the address and throws `IntegrityError` for a file that has rotted; `put` of the
 * same content mends it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 */
export function fsStorage(options: FsStorageOptions): Required<StorageBackend> {
  return new FolderStorage(checkOptions(options, LARGEST_CONTENT));
}

class FolderStorage implements Required<StorageBackend> {
  readonly name = "fs";
  readonly capabilities: StorageCapabilities;
  readonly #options: CheckedOptions;
  readonly #root: Root;
  readonly #lifetime = new Lifetime("storage");
  /** Folders that were looked through for leftovers of killed writers. */
  readonly #cleaned = new Set<string>();
  /** Contents whose last write failed on the way to the disk: what reads back of them proves nothing. */
  readonly #doubtful = new Set<string>();

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#root = new Root(options, "contents");
    this.capabilities = Object.freeze({
      largestContent: options.largestContent,
      hashTypes: Object.freeze([rawSha256]),
      readYourWrites: true,
      delete: true,
      list: true,
    });
  }

  async put(content: Uint8Array, options: OperationOptions = {}): Promise<Address> {
    const { signal } = options;
    const context = this.#context("storage.put", "storing a content");
    const limit = this.#options.largestContent;
    return this.#lifetime.run(context, signal, async () => {
      if (content.length > limit) {
        throw new TooLargeError(
          `A content of ${content.length} bytes was not stored: the limit is ${limit}. Split it, or raise ` +
            "`largestContent`.",
          { operation: context.operation, limit },
        );
      }
      // The caller may change its bytes as soon as it has this promise.
      const bytes = new Uint8Array(content);
      const digest = createHash("sha256").update(bytes).digest();
      await this.#store(digest.toString("hex"), bytes, context, signal);
      return Address.create(rawSha256.codec, rawSha256.hash, new Uint8Array(digest));
    });
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const { signal } = options;
    const context = this.#context("storage.get", `reading ${address}`);
    return this.#lifetime.run(context, signal, async () => {
      const digest = digestText(address);
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestContent);
      const folder = await this.#root.find(context, shardOf(digest));
      signal?.throwIfAborted();
      const path = folder && join(folder, fileOf(digest));
      const content = path === undefined ? undefined : await readFile(path, { limit, signal, context });
      if (content === undefined) {
        throw new NotFoundError(`There is no content ${address} in ${this.#options.root}.`, {
          operation: context.operation,
        });
      }
      if (createHash("sha256").update(content).digest("hex") !== digest) {
        throw new IntegrityError(
          `The file of ${address} holds ${content.length} bytes that do not match it: corrupt or forged. ` +
            "Store the content again to mend it.",
          { operation: context.operation },
        );
      }
      return content;
    });
  }

  async has(address: Address, options: OperationOptions = {}): Promise<boolean> {
    const context = this.#context("storage.has", `looking for ${address}`);
    return this.#lifetime.run(context, options.signal, async () => {
      const digest = digestText(address);
      const folder = await this.#root.find(context, shardOf(digest));
      options.signal?.throwIfAborted();
      return folder !== undefined && (await isFile(join(folder, fileOf(digest)), context));
    });
  }

  async delete(address: Address, options: OperationOptions = {}): Promise<void> {
    const context = this.#context("storage.delete", `removing ${address}`);
    await this.#lifetime.run(context, options.signal, async () => {
      const digest = digestText(address);
      const folder = await this.#root.find(context, shardOf(digest));
      if (folder === undefined) return;
      options.signal?.throwIfAborted();
      await unlink(join(folder, fileOf(digest))).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error;
      });
      if (this.#options.sync) await syncFolder(folder, context);
    });
  }

  async *list(options: OperationOptions = {}): AsyncGenerator<Address, void, undefined> {
    const { signal } = options;
    const context = this.#context("storage.list", "listing the contents");
    const area = await this.#lifetime.run(context, signal, () => this.#root.find(context));
    if (area === undefined) return;
    // Folder by folder, so that nothing is open while the caller is busy with an address.
    const shards = await this.#lifetime.run(context, signal, () => readdir(area));
    for (const shard of shards.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      for (const file of await this.#lifetime.run(context, signal, () => this.#filesOf(shard, context))) {
        signal?.throwIfAborted();
        this.#lifetime.check(context);
        const digest = new Uint8Array(Buffer.from(shard + file, "hex"));
        yield Address.create(rawSha256.codec, rawSha256.hash, digest);
      }
    }
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  async #store(
    digest: string,
    content: Uint8Array,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { sync } = this.#options;
    const folder = await this.#root.make(context, shardOf(digest));
    signal?.throwIfAborted();
    if (!this.#doubtful.has(digest) && (await this.#confirm(folder, digest, content, context, signal)))
      return;
    signal?.throwIfAborted();
    try {
      await replaceFile(folder, fileOf(digest), content, { sync, signal, context });
      this.#doubtful.delete(digest);
    } catch (error) {
      if (!signal?.aborted) this.#doubtful.add(digest);
      throw error;
    }
    if (this.#cleaned.has(folder)) return;
    this.#cleaned.add(folder);
    await removeLeftovers(folder, fileOf(digest));
  }

  /** Whether the content is there already with the right bytes; if so, makes it durable. */
  async #confirm(
    folder: string,
    digest: string,
    content: Uint8Array,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    try {
      const file = await openFile(join(folder, fileOf(digest)), context);
      if (file === undefined) return false;
      const { handle, size } = file;
      try {
        if (size !== content.length) return false;
        const piece = new Uint8Array(Math.min(PIECE, content.length));
        for (let at = 0; at < content.length; at += piece.length) {
          const expected = content.subarray(at, at + piece.length);
          const length = await fill(handle, piece.subarray(0, expected.length), at, signal);
          if (Buffer.compare(piece.subarray(0, length), expected) !== 0) return false;
        }
        if (this.#options.sync) await handle.sync();
      } finally {
        await handle.close();
      }
      // Whoever wrote it may not have come to this: without it the file may be gone after a power cut.
      if (this.#options.sync) await syncFolder(folder, context);
      return true;
    } catch (error) {
      // A link or a pipe in its place, or a bad sector: writing it again mends that.
      if (error instanceof IntegrityError || ["ELOOP", "EIO"].includes(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }

  async #filesOf(shard: string, context: FaultContext): Promise<string[]> {
    const folder = await this.#root.find(context, shard);
    if (folder === undefined) return [];
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && /^[0-9a-f]{62}$/.test(entry.name)).map((e) => e.name);
  }

  #context(operation: string, action: string): FaultContext {
    return { operation, action: `${action} in ${this.#options.root}` };
  }
}

function digestText(address: Address): string {
  hashTypeOf(address, [rawSha256]);
  return Buffer.from(address.digest).toString("hex");
}

function shardOf(digest: string): string {
  return digest.slice(0, 2);
}

function fileOf(digest: string): string {
  return digest.slice(2);
}
