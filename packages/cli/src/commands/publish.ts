// `rlog publish`: publishes everything that was appended, to every remote.

import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { tellingChanges } from "../writing/own-changes.ts";
import { noRemote, publishAll, repairAll } from "../writing/publish-all.ts";
import { tellRemotes } from "../writing/tell-remotes.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Options of `rlog publish`. */
export interface PublishCommandOptions extends WriterCommandOptions {
  /** Whether to look for everything that was published before, too. */
  readonly whole?: boolean;
}

/** Publishes everything that was appended. */
export async function publish(invocation: Invocation, options: PublishCommandOptions): Promise<void> {
  const { dir, whole = false } = options;
  await withWriter(invocation, options, async (writer, { config, counts }) => {
    if (config.remotes.length === 0) throw noRemote();
    await tellRemotes(dir, writer, config, { seeds: FolderSeeds.of(invocation, options) });
    await tellingChanges(invocation, writer, config, () =>
      (whole ? repairAll : publishAll)(invocation, writer, { dir, counts }),
    );
  });
}
