import { mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The root of this repository. */
export const repository: string = fileURLToPath(new URL("../../..", import.meta.url));

/** A new folder, which is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "remote-log-create-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Lets a folder find what the repository has installed, as `npm install` would. */
export async function linkModules(folder: string): Promise<void> {
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
}
