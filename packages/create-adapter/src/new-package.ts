// Writes a new package: whole, or not at all.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CreateAdapterError } from "./create-adapter-error.ts";
import type { Files } from "./template.ts";

/**
 * Writes a package into a folder that does not exist yet. If that fails, nothing of it is left.
 *
 * @param afterwards - what belongs to it: if this fails, the folder goes as well
 * @throws CreateAdapterError `ERR_EXISTS` if there is a file or folder already
 */
export async function writeNewPackage(
  folder: string,
  files: Files,
  afterwards: () => Promise<void> = async () => undefined,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const message = `${folder} exists already, and nothing in it was touched: take another name, or remove it.`;
    throw new CreateAdapterError("ERR_EXISTS", message, error);
  }
  try {
    for (const [path, text] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: "wx" });
    }
    await afterwards();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
