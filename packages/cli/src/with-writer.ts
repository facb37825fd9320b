import type { Writer } from "@remote-log/core";
import { Counts } from "./counting.ts";
import type { Invocation } from "./invocation.ts";
import { adviceOn } from "./remotes.ts";
import { useWriterFolder, type WriterConfig } from "./writer-folder.ts";

/** Options of every command that uses a writer's folder. */
export interface WriterCommandOptions {
  readonly dir: string;
  readonly stats?: boolean;
}

/**
 * Opens the writer of a folder for one task, closes everything afterwards, and tells what was asked of remotes. Where the
 * task fails on a remote, advice goes before the error.
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
