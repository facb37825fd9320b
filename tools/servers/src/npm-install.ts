// Installs packages into the user's cache, with pinned sums.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildPlan } from "./cached-build.ts";

// What tests need from npm and this repository does not depend on: installed in the way in which servers are built.

/** What is installed, by whom, and what to tell those who wait. */
export interface NpmInstall {
  /** What messages call it. */
  readonly name: string;
  /** The folder below `tools` with package.json and lockfile. */
  readonly folder: string;
  /** What to tell the person who waits, such as `"5 to 30 seconds and 250 MB"`. */
  readonly takes: string;
}

/** What an installation reads. The same text in all of them is the same installation. */
const FILES = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"];

/** Installs by the lockfile, without scripts; see its first lines. */
const INSTALL = fileURLToPath(new URL("../../helia/install.mjs", import.meta.url));

/** How packages from npm get into the cache: beside the file that the build makes is `node_modules`. */
export async function npmInstallPlan({ name, folder, takes }: NpmInstall): Promise<BuildPlan> {
  const sources = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of FILES) {
    const content = await readFile(join(sources, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return {
    name,
    key: `${name}-${hash.digest("hex").slice(0, 12)}`,
    sources,
    files: FILES,
    command: process.execPath,
    args: (output) => [INSTALL, output],
    env: process.env,
    takes,
  };
}
