// Reads the log here as readers would, from a copy that its journal makes: also what no remote has.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { openReader, type Reader } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { CommandError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "./folder-seed.ts";
import { WAIT_SECONDS } from "./journal-lock.ts";
import type { WriterCommandOptions } from "./with-writer.ts";
import { readConfig } from "./writer-config.ts";
import { useWriterFolder } from "./writer-folder.ts";

/** What the journal calls the copy. No remote of a user has a label like it. */
const LABEL = ".export";

/**
 * Publishes the log of a folder into a folder of its own, hands over a reader of that, and removes it. The remotes of the log are not
 * asked.
 *
 * @throws CommandError `ERR_NO_ENTRIES` if the log has none yet
 */
export async function withJournalCopy(
  invocation: Invocation,
  options: WriterCommandOptions,
  task: (reader: Reader) => Promise<void>,
): Promise<void> {
  const { dir, wait: seconds = WAIT_SECONDS } = options;
  const { signal } = invocation;
  const folder = { waiting: { seconds, signal }, seeds: FolderSeeds.of(invocation, options), remotes: false };
  await readConfig(dir);
  const root = await mkdtemp(join(dir, "export-"));
  try {
    // What a run that was killed left behind is of another folder.
    await useWriterFolder(dir, folder, (writer) => writer.forgetRemote(LABEL));
    const copy = fsRemote({ root, label: LABEL, sync: false });
    await useWriterFolder(dir, { ...folder, further: [copy] }, async (writer) => {
      if (writer.size === 0)
        throw new CommandError("ERR_NO_ENTRIES", "The log has no entries yet. Append some first.");
      await writer.publish({ signal });
      const reader = await openReader({ logId: writer.logId, remotes: [copy], withoutKey: "sealed" });
      try {
        await task(reader);
      } finally {
        await reader.close();
      }
    });
    await useWriterFolder(dir, folder, (writer) => writer.forgetRemote(LABEL));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
