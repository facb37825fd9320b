// `rlog init`: starts a log.

import { formatLink, type GenesisSettings } from "@remote-log/core";
import { givenRemote } from "../remotes/given-remote.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { writeIgnoreFile } from "../writing/ignore-file.ts";
import { readSeedFile } from "../writing/seed-file.ts";
import { createWriterFolder, readerUris } from "../writing/writer-folder.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
  /** A file with the seed to use, or `-` for standard input. Default: a new seed. */
  readonly seedFile?: string;
}

/** Starts a log and prints its id. */
export async function init(invocation: Invocation, options: InitOptions): Promise<void> {
  const { dir, leafSize, identifiers, seedFile } = options;
  const settings: Partial<GenesisSettings> = {
    ...(leafSize !== undefined && { leafSize }),
    ...(identifiers !== undefined && { identifiers }),
  };
  const places = options.remote.map(givenRemote);
  const seed = seedFile === undefined ? undefined : await readSeedFile(invocation, seedFile);
  const { logId, remotes } = await createWriterFolder(dir, places, settings, seed);
  await invocation.out.write(`${logId}\n`);
  await invocation.note(`The log is in ${dir}. Keep the folder safe: the seed in it is the log's only key.`);
  if (!(await writeIgnoreFile(dir)))
    await invocation.warn(`rlog: ${dir}/.gitignore was there and does not name the seed: add /seed to it.`);
  if (remotes.length === 0) {
    await invocation.note("It has no remote yet: add one with rlog remote add.");
    return;
  }
  const link = formatLink({ logId, remotes: await readerUris(dir, { logId, remotes }) });
  await invocation.note(`After the first publish, others can read it with: rlog read '${link}'`);
}
