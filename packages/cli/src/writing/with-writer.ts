// Runs one task of a writing command with the open writer of a folder.

import type { Writer } from "@remote-log/core";
import { Counts } from "../remotes/counting.ts";
import { adviceOn } from "../remotes/open-remotes.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { WriterConfig } from "./writer-config.ts";
import { useWriterFolder } from "./writer-folder.ts";

/** Options of every command that uses a writer's folder. */
export interface WriterCommandOptions {
  readonly dir: string;
  readonly stats?: boolean;
}

/**
 * Opens the writer of a folder for one task, and closes everything afterwards. With `--stats`, it then shows the counted
 * requests. If the task fails on a remote, advice precedes the error.
 */
export async function withWriter<T>(
  invocation: Invocation,
  { dir, stats }: WriterCommandOptions,
  task: (writer: Writer, config: WriterConfig, largestContent: number) => Promise<T>,
): Promise<T> {
  const counts = stats === true ? new Counts() : undefined;
  try {
    return await useWriterFolder(dir, counts, async (writer, config, largest) => {
      try {
        return await task(writer, config, largest);
      } catch (error) {
        for (const advice of adviceOn(config.remotes, error)) await invocation.note(advice);
        throw error;
      }
    });
  } finally {
    if (counts !== undefined) await invocation.warn(`stats: ${counts}`);
  }
}
