import type { GenesisSettings } from "@remote-log/core";
import { parseRemote } from "../remotes.ts";
import type { Session } from "../session.ts";
import { createWriterFolder } from "../writer-folder.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
}

/** Begins a log. */
export async function init(session: Session, options: InitOptions): Promise<void> {
  const { dir, leafSize, identifiers } = options;
  const settings: Partial<GenesisSettings> = {
    ...(leafSize !== undefined && { leafSize }),
    ...(identifiers !== undefined && { identifiers }),
  };
  const { logId, remotes } = await createWriterFolder(dir, options.remote.map(parseRemote), settings);
  await session.out.write(`${logId}\n`);
  await session.note(`The log begins in ${dir}. Keep the folder safe: the seed in it is the log's only key.`);
  if (remotes.length === 0) {
    await session.note(`It has no remote yet: add one under "remotes" in ${dir}/config.json.`);
    return;
  }
  const places = remotes.map(({ uri }) => `--remote '${uri}'`).join(" ");
  await session.note(`After the first publish, others read it with: rlog read ${logId} ${places}`);
}
