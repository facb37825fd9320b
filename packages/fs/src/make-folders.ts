// Making a folder together with those above it.

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "./errors.ts";

/**
 * Makes a folder, and those above it that are missing. `mkdir` with `recursive` does the same, but Node then says `ENOENT` for
 * most of what can fail: a filesystem that is read-only, full or broken looks like a folder that went away.
 *
 * @returns the highest that was missing; `undefined` if the folder was there
 * @throws an error of the system that says why one of them can't be made
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = path; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder).catch((error: unknown) => {
      // Another process was faster.
      if (errnoOf(error) !== "EEXIST") throw error;
    });
  }
  return missing[0];
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && path !== dirname(path)) return false;
    throw error;
  }
}
