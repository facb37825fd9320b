// A cache in a folder: a file for each value, called by the hash of its key.

import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ReaderCache } from "@remote-log/core";
import { optionKinds, Semaphore, throwIfAborted, timeNow } from "@remote-log/core/adapter";
import { type BoundedCache, checkCacheOptions } from "../cache/options.ts";

/** Options of {@link folderCache}. */
export interface FolderCacheOptions extends BoundedCache {
  /** The folder; it is made if it is missing. It holds nothing else: files in it are removed. */
  readonly folder: string;
}

/** A value that was used before this long ago, in milliseconds, is marked as used again. */
const USE_MILLISECONDS = 60_000;

/** A file that a writer left behind is older than this, in milliseconds. */
const LEFTOVER_MILLISECONDS = 3_600_000;

/** How much of the room may be written before somebody looks how full the folder is: other processes write as well. */
const PART_BETWEEN_LOOKS = 16;

/** Files that are open at once. */
const FILES_AT_ONCE = 16;

const NAME = /^[0-9a-f]{64}$/;
const TEMPORARY = /^\.tmp-[0-9a-f]{32}$/;
/** Ends the name of what is not evicted. */
const KEPT = ".kept";

// Windows has no such flag.
const NO_LINK: number = constants.O_NOFOLLOW ?? 0;

/**
 * A cache in a folder of this device. Any number of processes may use it at once; together they may exceed `bytes` by a sixteenth each, for a while. A value is there as a whole
 * or not at all, also after a crash; a power cut may damage those that were just written, which readers notice. Links in the folder are not followed.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 *
 * @example
 * ```ts
 * import { folderCache } from "@remote-log/layers/folder";
 *
 * const cache = folderCache({ folder: "read-before", bytes: 256 * 1024 * 1024 });
 * ```
 */
export function folderCache(options: FolderCacheOptions): ReaderCache {
  const folder = optionKinds.required(optionKinds.text, 'a folder, such as "read-before"');
  const bytes = checkCacheOptions(options, "folderCache", { folder });
  return new FolderCache(options.folder, bytes);
}

class FolderCache implements ReaderCache {
  readonly #folder: string;
  readonly #bytes: number;
  readonly #files = new Semaphore(FILES_AT_ONCE);
  readonly #looks = new Semaphore(1);
  #isMade = false;
  /** How full the folder was at the last look, and what was written since; unknown before the first. */
  #held = 0;
  #written: number | undefined;

  constructor(folder: string, bytes: number) {
    this.#folder = folder;
    this.#bytes = bytes;
  }

  async get(
    key: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    const path = this.#pathOf(key);
    return this.#files.run(signal, async () => (await readAndMark(path)) ?? (await readAndMark(path + KEPT)));
  }

  async put(
    key: string,
    value: Uint8Array,
    { signal, keep = false }: { signal?: AbortSignal | undefined; keep?: boolean | undefined } = {},
  ): Promise<void> {
    throwIfAborted(signal);
    const copy = new Uint8Array(value);
    const path = this.#pathOf(key);
    if (!keep && copy.length > this.#bytes) return this.delete(key, { signal });
    await this.#files.run(signal, () => this.#write(keep ? path + KEPT : path, copy));
    await removeFile(keep ? path : path + KEPT);
    if (!keep) await this.#makeRoom(copy.length);
  }

  async delete(key: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfAborted(signal);
    const path = this.#pathOf(key);
    await removeFile(path);
    await removeFile(path + KEPT);
  }

  #pathOf(key: string): string {
    return join(this.#folder, createHash("sha256").update(key).digest("hex"));
  }

  async #write(path: string, content: Uint8Array): Promise<void> {
    if (!this.#isMade) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#isMade = true;
    const temporary = join(this.#folder, `.tmp-${randomBytes(16).toString("hex")}`);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_LINK;
    let handle: FileHandle;
    try {
      handle = await open(temporary, flags, 0o600);
    } catch (error) {
      // Somebody may have removed the folder: the next one makes it again.
      this.#isMade = false;
      throw error;
    }
    try {
      try {
        await handle.writeFile(content);
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await removeFile(temporary);
      throw error;
    }
  }

  async #makeRoom(written: number): Promise<void> {
    if (this.#written !== undefined) this.#written += written;
    await this.#looks.run(undefined, async () => {
      const since = this.#written;
      const isDue = since === undefined || since > this.#bytes / PART_BETWEEN_LOOKS;
      if (!isDue && this.#held + since <= this.#bytes) return;
      this.#held = await this.#evict();
      this.#written = 0;
    });
  }

  /** Removes what was used least recently, until there is some room; returns how much is left. */
  async #evict(): Promise<number> {
    const files: { readonly path: string; readonly size: number; readonly used: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const isTemporary = TEMPORARY.test(name);
      if (!isTemporary && !NAME.test(name)) continue;
      const path = join(this.#folder, name);
      const entry = await lstat(path).catch(ifMissing);
      if (entry === undefined) continue;
      if (!isTemporary) files.push({ path, size: entry.size, used: entry.mtimeMs });
      else if (timeNow() - entry.mtimeMs > LEFTOVER_MILLISECONDS) await removeFile(path);
    }
    let held = files.reduce((sum, { size }) => sum + size, 0);
    if (held <= this.#bytes) return held;
    // A little more than has to be, so that not every value that comes costs a look.
    const enough = this.#bytes - this.#bytes / PART_BETWEEN_LOOKS;
    files.sort((a, b) => a.used - b.used);
    // The last one fits by itself.
    for (const { path, size } of files.slice(0, -1)) {
      if (held <= enough) break;
      await removeFile(path);
      held -= size;
    }
    return held;
  }
}

/** Reads a file, and notes that it was used; `undefined` if there is none, or something else in its place. */
async function readAndMark(path: string): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | NO_LINK | constants.O_NONBLOCK);
  } catch (error) {
    return ifMissing(error);
  }
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) return undefined;
    const content = new Uint8Array(await handle.readFile());
    const now = timeNow();
    if (now - entry.mtimeMs > USE_MILLISECONDS)
      await handle.utimes(now / 1000, now / 1000).catch(() => undefined);
    return content;
  } finally {
    await handle.close();
  }
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(ifMissing);
}

/** Nothing, a link, or a socket in its place. */
function ifMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ELOOP" || code === "ENXIO") return undefined;
  throw error;
}
