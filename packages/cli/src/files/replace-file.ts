// Writes a file that others read, whole or not at all.

import { rename, rm, writeFile } from "node:fs/promises";

/** Writes a file, and replaces an older one in one step. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
