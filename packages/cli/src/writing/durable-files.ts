// Files of the writer's folder: readable by their owner alone, and durable before anything depends on them.

import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Writes a file whole or not at all, and replaces an older one. */
export async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  const temporary = `${path}.${process.pid}.new`;
  await rm(temporary, { force: true });
  await writeNew(temporary, text);
  await rename(temporary, path);
  await syncFolder(folder);
}

/** Writes a file that does not exist yet. */
export async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(join(path, ".."));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
