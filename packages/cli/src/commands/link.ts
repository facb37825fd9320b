// `rlog link`: prints all that a reader needs.

import { formatLink, type LogLink, parseCheckpoint, parseSignedNote } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { readerUris, viewWriterFolder, type WriterView } from "../writing/writer-folder.ts";

/** Options of `rlog link`. */
export interface LinkOptions {
  readonly dir: string;
}

/** Prints the link of a log, which holds all that a reader needs. Makes no request. */
export async function link(invocation: Invocation, { dir }: LinkOptions): Promise<void> {
  await viewWriterFolder(dir, invocation, async (writer, config) => {
    if (config.remotes.length === 0)
      throw usageError("The log has no remote that a link could hold: add one first, with rlog remote add.");
    const floor = floorOf(writer);
    const remotes = await readerUris(dir, config);
    await invocation.out.write(`${formatLink({ logId: writer.logId, remotes, ...(floor && { floor }) })}\n`);
    if (floor === undefined)
      await invocation.note("Nothing is published yet: readers find the log after rlog publish.");
  });
}

// Readers refuse a state below the floor, so it is what is published, not what is only signed.
function floorOf(writer: WriterView): LogLink["floor"] {
  const published = Math.max(...writer.status().remotes.map((remote) => remote.published));
  if (published === 0) return undefined;
  const { size, root } = parseCheckpoint(parseSignedNote(writer.checkpoint!).text);
  return size === published ? { size, root } : { size: published };
}
