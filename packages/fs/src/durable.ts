// Files and folders that outlast a power cut.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { OperationContext } from "@remote-log/core/adapter";
import { errnoOf, fromFolderSyncErrno } from "./errors.ts";
import type { HeldFolder } from "./held-folder.ts";

/** How a file is written. */
export interface WriteOptions {
  /** Whether to fsync. */
  readonly sync: boolean;
  /** The time of change that the file gets. Default: that of its writing. */
  readonly modified?: Date | undefined;
  /** Who may read and write it, before the process's umask. Default: everybody. */
  readonly mode?: number;
  readonly signal?: AbortSignal | undefined;
  readonly context: OperationContext;
}

/** Bytes written by one call, between two looks at the signal. */
const PIECE = 4 * 1024 * 1024;

/** A leftover is older than this, in milliseconds. A writer that is slower only has to write again. */
const LEFTOVER_AGE = 60 * 60 * 1000;

/** How often a writer whose temporary file was taken away writes it again. */
const ATTEMPTS = 20;

const temporaryName = /^\.tmp-[0-9a-f]{32}$/;

/** Makes the entries of a folder durable (fsync). */
export async function syncFolder(path: string, context: OperationContext): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await handle.sync();
  } catch (error) {
    throw fromFolderSyncErrno(error, context);
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file that does not exist yet, whole and durable. If that fails, nothing of it stays: after a failed
 * fsync the system's copy of the bytes proves nothing, so they are never read back or synced again.
 */
export async function writeNewFile(path: string, content: Uint8Array, options: WriteOptions): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, options.mode ?? 0o666);
  let complete = false;
  try {
    for (let at = 0; at < content.length; ) {
      options.signal?.throwIfAborted();
      const { bytesWritten } = await handle.write(content, at, Math.min(PIECE, content.length - at));
      at += bytesWritten;
    }
    options.signal?.throwIfAborted();
    if (options.modified !== undefined) await handle.utimes(options.modified, options.modified);
    if (options.sync) await handle.sync();
    complete = true;
  } finally {
    await closeOrRemove(handle, complete, path);
  }
}

async function closeOrRemove(
  handle: { close(): Promise<void> },
  complete: boolean,
  path: string,
): Promise<void> {
  try {
    await handle.close();
  } finally {
    if (!complete) await unlink(path).catch(() => undefined);
  }
}

/**
 * Puts a file in place of whatever has its name, so that at every moment the name stands for the old or for the
 * whole new one: temporary file in the same folder, fsync, rename, fsync of the folder. A link in its place
 * is replaced, not followed.
 */
export async function replaceFile(
  folder: HeldFolder,
  name: string,
  content: Uint8Array,
  options: WriteOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const temporary = join(folder.path, `.tmp-${randomBytes(16).toString("hex")}`);
    await writeNewFile(temporary, content, options);
    try {
      options.signal?.throwIfAborted();
      await rename(temporary, join(folder.path, name));
      break;
    } catch (error) {
      // Taken away by somebody who cleans up: that must cost a live writer no more than a second attempt.
      if (errnoOf(error) === "ENOENT" && attempt < ATTEMPTS) continue;
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }
  if (options.sync) await folder.sync(options.context);
}

/**
 * Removes temporary files that writers left behind when they were killed. Age is measured against a file that
 * was just written in the same folder, thus by one clock, the filesystem's own. Best effort: never fails.
 */
export async function removeLeftovers(folder: string, fresh: string): Promise<void> {
  try {
    const leftovers = (await readdir(folder)).filter((name) => temporaryName.test(name));
    if (leftovers.length === 0) return;
    const now = (await lstat(join(folder, fresh))).mtimeMs;
    for (const name of leftovers) {
      const path = join(folder, name);
      const entry = await lstat(path).catch(() => undefined);
      if (entry?.isFile() && now - entry.mtimeMs > LEFTOVER_AGE) await unlink(path).catch(() => undefined);
    }
  } catch {
    // A leftover is harmless, and the next one who writes here tries again.
  }
}
