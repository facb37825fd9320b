// A folder that is held open while something is written in it, so that nobody can swap it for a link meanwhile.

import { constants, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import type { OperationContext } from "@remote-log/core/adapter";
import { errnoOf, fromFolderSyncErrno } from "./errors.ts";

/** A folder that is held open. */
export interface HeldFolder {
  /**
   * A path that leads to this very folder, wherever its name leads by now, as far as the system has such paths. Names in it are
   * joined to it.
   */
  readonly path: string;
  /** Makes its entries durable (fsync). */
  sync(context: OperationContext): Promise<void>;
  /** Lets go of it. Call it once. It never fails: nothing was written through it. */
  close(): Promise<void>;
}

// Node has no `openat`. On Linux, this leads to the folder behind a descriptor, and what is joined to it is opened there.
const DESCRIPTORS = "/proc/self/fd";
const hasDescriptors = process.platform === "linux" && existsSync(DESCRIPTORS);

/**
 * Opens a folder, and follows no link that has its name. Its parent has to be held, too, or to be trusted.
 *
 * @returns `undefined` if there is none
 * @throws an error of the system, `ELOOP` or `ENOTDIR` if something else has its name
 */
export async function holdFolder(path: string): Promise<HeldFolder | undefined> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await open(path, flags).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  return {
    path: hasDescriptors ? `${DESCRIPTORS}/${handle.fd}` : path,
    async sync(context) {
      try {
        await handle.sync();
      } catch (error) {
        throw fromFolderSyncErrno(error, context);
      }
    },
    close: () => handle.close().catch(() => undefined),
  };
}

/** Runs a task with folders that are let go of afterwards, whatever comes of it. */
export async function releasing<T>(
  folders: readonly (HeldFolder | undefined)[],
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } finally {
    for (const folder of folders) await folder?.close();
  }
}
