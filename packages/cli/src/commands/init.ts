import { formatLink, type GenesisSettings } from "@remote-log/core";
import type { Invocation } from "../invocation.ts";
import { parseRemote } from "../remotes.ts";
import { createWriterFolder, readerUris } from "../writer-folder.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
}

/** Begins a log. */
export async function init(invocation: Invocation, options: InitOptions): Promise<void> {
  const { dir, leafSize, identifiers } = options;
  const settings: Partial<GenesisSettings> = {
    ...(leafSize !== undefined && { leafSize }),
    ...(identifiers !== undefined && { identifiers }),
  };
  const { logId, remotes } = await createWriterFolder(dir, options.remote.map(parseRemote), settings);
  await invocation.out.write(`${logId}\n`);
  await invocation.note(
    `The log begins in ${dir}. Keep the folder safe: the seed in it is the log's only key.`,
  );
  if (remotes.length === 0) {
    await invocation.note(`It has no remote yet: add one under "remotes" in ${dir}/config.json.`);
    return;
  }
  const link = formatLink({ logId, remotes: await readerUris(dir, { logId, remotes }) });
  await invocation.note(`After the first publish, others read it with: rlog read '${link}'`);
}
