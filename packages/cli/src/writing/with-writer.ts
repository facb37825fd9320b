// Runs one task of a writing command with the open writer of a folder.

import type { Writer } from "@remote-log/core";
import { Counts } from "../remotes/counting.ts";
import { adviceOn } from "../remotes/open-remotes.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "./folder-seed.ts";
import { WAIT_SECONDS } from "./journal-lock.ts";
import type { WriterConfig } from "./writer-config.ts";
import { useWriterFolder } from "./writer-folder.ts";

/** Options of every command that uses a writer's folder. */
export interface WriterCommandOptions {
  readonly dir: string;
  readonly stats?: boolean;
  /** Seconds to wait for another process that uses the journal. */
  readonly wait?: number;
  /** Where the passphrase of the seed is: a file, `env:NAME`, or `-`. */
  readonly passphraseFile?: string;
  /** How long what a removal replaced stays for readers on their way to it, in milliseconds. Default: as the writer has it. */
  readonly graceMilliseconds?: number;
}

/** What belongs to an open writer. */
export interface OpenedFolder {
  readonly config: WriterConfig;
  /** The requests to its remotes. */
  readonly counts: Counts;
  /** The largest content that its remotes and readers accept, in bytes. */
  readonly largestContent: number;
}

/**
 * Opens the writer of a folder for one task, and closes everything afterwards. With `--stats`, it then shows the counted
 * requests. If the task fails on a remote, advice precedes the error.
 */
export async function withWriter<T>(
  invocation: Invocation,
  { dir, stats, wait: seconds = WAIT_SECONDS, passphraseFile, graceMilliseconds }: WriterCommandOptions,
  task: (writer: Writer, opened: OpenedFolder) => Promise<T>,
): Promise<T> {
  const counts = new Counts();
  try {
    const waiting = { seconds, signal: invocation.signal };
    const seeds = FolderSeeds.of(invocation, { passphraseFile });
    const folder = { counts, seeds, waiting, graceMilliseconds };
    return await useWriterFolder(dir, folder, async (writer, config, largestContent) => {
      try {
        return await task(writer, { config, counts, largestContent });
      } catch (error) {
        for (const advice of adviceOn(config.remotes, error)) await invocation.note(advice);
        throw error;
      }
    });
  } finally {
    if (stats === true) await invocation.warn(`stats: ${counts}`);
  }
}
