// Makes folders: the writer's, that of a reader's state, and those that are named for output.

import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder, and those above it that are missing. `mkdir` with `recursive` does the same, but Node then
 * says `ENOENT` for most of what can fail, such as a filesystem that is read-only.
 *
 * @param mode - who may do what in those that are made; default: whatever the process's umask allows
 * @throws an error of the system that says why it can't be made
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(folder); !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    await mkdir(path, { mode }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && path !== dirname(path)) return false;
    throw error;
  }
}
