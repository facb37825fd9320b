import type { Writer } from "@remote-log/core";
import { Counts } from "./counting.ts";
import type { Invocation } from "./invocation.ts";
import { useWriterFolder, type WriterConfig } from "./writer-folder.ts";

/** Options of every command that uses a writer's folder. */
export interface WriterCommandOptions {
  readonly dir: string;
  readonly stats?: boolean;
}

/** Opens the writer of a folder for one task, closes everything afterwards, and tells what was asked of remotes. */
export async function withWriter<T>(
  invocation: Invocation,
  { dir, stats }: WriterCommandOptions,
  task: (writer: Writer, config: WriterConfig, largestContent: number) => Promise<T>,
): Promise<T> {
  const counts = stats === true ? new Counts() : undefined;
  try {
    return await useWriterFolder(dir, counts, task);
  } finally {
    if (counts !== undefined) await invocation.warn(`stats: ${counts}`);
  }
}
