// `rlog init`: starts a log.

import { formatLink, type GenesisSettings } from "@remote-log/core";
import { parseRemote } from "../remotes/remote-place.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { createWriterFolder, readerUris } from "../writing/writer-folder.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
}

/** Starts a log and prints its id. */
export async function init(invocation: Invocation, options: InitOptions): Promise<void> {
  const { dir, leafSize, identifiers } = options;
  const settings: Partial<GenesisSettings> = {
    ...(leafSize !== undefined && { leafSize }),
    ...(identifiers !== undefined && { identifiers }),
  };
  const { logId, remotes } = await createWriterFolder(dir, options.remote.map(parseRemote), settings);
  await invocation.out.write(`${logId}\n`);
  await invocation.note(`The log is in ${dir}. Keep the folder safe: the seed in it is the log's only key.`);
  if (remotes.length === 0) {
    await invocation.note(`It has no remote yet: add one under "remotes" in ${dir}/config.json.`);
    return;
  }
  const link = formatLink({ logId, remotes: await readerUris(dir, { logId, remotes }) });
  await invocation.note(`After the first publish, others can read it with: rlog read '${link}'`);
}
