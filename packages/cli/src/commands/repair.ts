// `rlog repair`: puts back what remotes have lost, and makes a place anew that is gone.

import type { Invocation } from "../terminal/invocation.ts";
import { noRemote, repairAll } from "../writing/publish-all.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Options of `rlog repair`. */
export interface RepairCommandOptions extends WriterCommandOptions {
  /** Label of the remote to repair. Default: all. */
  readonly remote?: string;
  /** Whether to read every object, instead of asking whether it is there. */
  readonly read?: boolean;
}

/** Looks for everything that the remotes should hold, puts back what is missing, and publishes what is new. */
export async function repair(invocation: Invocation, options: RepairCommandOptions): Promise<void> {
  const { dir, remote, read = false } = options;
  await withWriter(invocation, options, async (writer, { config, counts }) => {
    if (config.remotes.length === 0) throw noRemote();
    await repairAll(invocation, writer, {
      dir,
      counts,
      reads: read,
      ...(remote !== undefined && { remote }),
    });
  });
}
