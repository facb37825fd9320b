// Contents in a folder: the driver.

import { createHash } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  Address,
  type ByteRange,
  hashTypeOf,
  IntegrityError,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import {
  type Call,
  defineStorage,
  type OperationContext,
  type StorageDriver,
} from "@remote-log/core/adapter";
import { inTurn } from "./descriptors.ts";
import { removeLeftovers, replaceFile } from "./durable.ts";
import { errnoOf } from "./errors.ts";
import { type HeldFolder, releasing } from "./held-folder.ts";
import { InFolder } from "./in-folder.ts";
import { type CheckedOptions, checkOptions, type FsStorageOptions } from "./options.ts";
import { fill, isFile, openFile, readFile, readPart } from "./read-file.ts";

const LARGEST_CONTENT = 64 * 1024 * 1024;
const PIECE = 1024 * 1024;

/** What opening a file costs, as the bytes that could be read instead: measured with 16 files at once. */
const REQUEST_BYTES = 49_152;

/** Hexadecimal digits of a SHA-256. */
const DIGEST_DIGITS = 64;

/**
 * Contents in a folder, each in a file that is called by its SHA-256: `<root>/contents/<2 hex>/<62 hex>`.
 *
 * Nothing is read or made before the first operation. Any number of objects and processes may use one folder.
 * `get` checks the bytes against the address and throws `IntegrityError` for a file that has rotted; `put` of the
 * same content mends it.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 *
 * @example
 * ```ts
 * import { fsStorage } from "@remote-log/fs";
 *
 * const storage = fsStorage({ root: "shared-folder" });
 * const address = await storage.put(new TextEncoder().encode("hello"));
 * ```
 */
export function fsStorage(options: FsStorageOptions): Required<Omit<StorageBackend, "putMany" | "release">> {
  return storageIn(options, 2);
}

/**
 * Contents in a folder: in folders that are called by the first digits of their SHA-256, in files that are called by the rest.
 *
 * @param digits - how many; 0 for one folder with all of them
 */
export function storageIn(
  options: FsStorageOptions,
  digits: 0 | 2,
): Required<Omit<StorageBackend, "putMany" | "release">> {
  return defineStorage(new FolderDriver(checkOptions(options, LARGEST_CONTENT), digits));
}

class FolderDriver extends InFolder implements StorageDriver {
  readonly name = "fs";
  readonly capabilities: StorageDriver["capabilities"];
  /** Digits of the digest that name the folder. */
  readonly #digits: number;
  /** Folders that were looked through for leftovers of killed writers. */
  readonly #cleaned = new Set<string | undefined>();
  /** Contents whose last write failed on the way to the disk: what reads back of them proves nothing. */
  readonly #doubtful = new Set<string>();

  constructor(options: CheckedOptions, digits: number) {
    super(options, "contents");
    this.#digits = digits;
    const { largestContent } = options;
    this.capabilities = {
      largestContent,
      hashTypes: [rawSha256],
      readYourWrites: true,
      requestBytes: REQUEST_BYTES,
    };
  }

  async put(content: Uint8Array, call: Call): Promise<Address> {
    const digest = createHash("sha256").update(content).digest();
    await inTurn(call, () => this.#store(digest.toString("hex"), content, call));
    return Address.create(rawSha256.codec, rawSha256.hash, new Uint8Array(digest));
  }

  get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    return inTurn(call, () => this.#get(address, limit, call));
  }

  /** A part of a file can't be checked against its address: that is for whoever knows what it must be. */
  getRange(address: Address, range: ByteRange, call: Call): Promise<Uint8Array | undefined> {
    return inTurn(call, async () => {
      const path = await this.#pathOf(digestText(address), call);
      return path === undefined ? undefined : readPart(path, range, call);
    });
  }

  async #pathOf(digest: string, { signal, context }: Call): Promise<string | undefined> {
    const folder = await this.root.find(context, this.#folderOf(digest));
    signal.throwIfAborted();
    return folder && join(folder, this.#fileOf(digest));
  }

  async #get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined> {
    const { signal, context } = call;
    const digest = digestText(address);
    const path = await this.#pathOf(digest, call);
    const content = path === undefined ? undefined : await readFile(path, { limit, signal, context });
    if (content === undefined || createHash("sha256").update(content).digest("hex") === digest)
      return content;
    throw new IntegrityError(
      `The file of ${address} holds ${content.length} bytes that do not match it: corrupt or forged, or a copy ` +
        "that is still arriving. If nothing is being copied, store the content again to mend it.",
      { operation: context.operation },
    );
  }

  async has(address: Address, call: Call): Promise<boolean> {
    const path = await this.#pathOf(digestText(address), call);
    return path !== undefined && (await isFile(path, call.context));
  }

  delete(address: Address, call: Call): Promise<void> {
    return inTurn(call, () => this.#delete(address, call));
  }

  async #delete(address: Address, { signal, context }: Call): Promise<void> {
    const digest = digestText(address);
    const folder = await this.root.hold(context, this.#folderOf(digest));
    if (folder === undefined) return;
    await releasing([folder], async () => {
      signal.throwIfAborted();
      await unlink(join(folder.path, this.#fileOf(digest))).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error;
      });
      if (this.options.sync) await folder.sync(context);
    });
  }

  async *list(call: Call): AsyncGenerator<Address, void, undefined> {
    const area = await this.root.find(call.context);
    if (area === undefined) return;
    // Folder by folder, so that nothing is open while the caller is busy with an address.
    for (const shard of await this.#shardsIn(area, call)) {
      for (const file of await inTurn(call, () => this.#filesOf(shard, call.context))) {
        const digest = new Uint8Array(Buffer.from((shard ?? "") + file, "hex"));
        yield Address.create(rawSha256.codec, rawSha256.hash, digest);
      }
    }
  }

  #folderOf(digest: string): string | undefined {
    return this.#digits === 0 ? undefined : digest.slice(0, this.#digits);
  }

  #fileOf(digest: string): string {
    return digest.slice(this.#digits);
  }

  async #shardsIn(area: string, call: Call): Promise<readonly (string | undefined)[]> {
    if (this.#digits === 0) return [undefined];
    const names = await inTurn(call, () => readdir(area));
    return names.filter((name) => name.length === this.#digits && isHex(name));
  }

  async #store(digest: string, content: Uint8Array, call: Call): Promise<void> {
    const folder = await this.root.make(call.context, this.#folderOf(digest));
    await releasing([folder], () => this.#storeIn(folder, digest, content, call));
  }

  async #storeIn(folder: HeldFolder, digest: string, content: Uint8Array, call: Call): Promise<void> {
    const { sync } = this.options;
    const { signal, context } = call;
    signal.throwIfAborted();
    if (!this.#doubtful.has(digest) && (await this.#confirm(folder, digest, content, call))) return;
    signal.throwIfAborted();
    try {
      await replaceFile(folder, this.#fileOf(digest), content, { sync, signal, context });
      this.#doubtful.delete(digest);
    } catch (error) {
      if (!signal.aborted) this.#doubtful.add(digest);
      throw error;
    }
    const shard = this.#folderOf(digest);
    if (this.#cleaned.has(shard)) return;
    this.#cleaned.add(shard);
    await removeLeftovers(folder.path, this.#fileOf(digest));
  }

  /** Whether the content is there already with the right bytes; if so, makes it durable. */
  async #confirm(
    folder: HeldFolder,
    digest: string,
    content: Uint8Array,
    { signal, context }: Call,
  ): Promise<boolean> {
    try {
      const file = await openFile(join(folder.path, this.#fileOf(digest)), context);
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
        if (this.options.sync) await handle.sync();
      } finally {
        await handle.close();
      }
      // Whoever wrote it may not have come to this: without it the file may be gone after a power cut.
      if (this.options.sync) await folder.sync(context);
      return true;
    } catch (error) {
      // A link or a pipe in its place, or a bad sector: writing it again mends that.
      if (error instanceof IntegrityError || ["ELOOP", "EIO"].includes(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }

  async #filesOf(shard: string | undefined, context: OperationContext): Promise<string[]> {
    const folder = await this.root.find(context, shard);
    if (folder === undefined) return [];
    const entries = await readdir(folder, { withFileTypes: true });
    const length = DIGEST_DIGITS - this.#digits;
    return entries
      .filter((entry) => entry.isFile() && entry.name.length === length && isHex(entry.name))
      .map(({ name }) => name);
  }
}

function isHex(name: string): boolean {
  return /^[0-9a-f]*$/.test(name);
}

function digestText(address: Address): string {
  hashTypeOf(address, [rawSha256]);
  return Buffer.from(address.digest).toString("hex");
}
