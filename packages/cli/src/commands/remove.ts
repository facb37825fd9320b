// `rlog remove` and `rlog keep-newest`: takes contents out of the log, here and on its remotes.

import type { EntryRange, RemovalResult, Retention, Writer } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { publishAll } from "../writing/publish-all.ts";
import { type OpenedFolder, type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Options of `rlog remove` and `rlog keep-newest`. */
export interface RemoveOptions extends WriterCommandOptions {
  /** Whether to delete what is replaced at once, instead of leaving readers that are on their way to it their time. */
  readonly now?: boolean;
  /** Whether to publish afterwards. Default: true. */
  readonly publish?: boolean;
}

/** Options of `rlog keep-newest`. */
export interface KeepNewestOptions extends RemoveOptions {
  /** The age up to which entries are kept, in milliseconds. */
  readonly olderThan?: number;
}

/** Removes the contents of entries. */
export async function remove(
  invocation: Invocation,
  entries: readonly EntryRange[],
  options: RemoveOptions,
): Promise<void> {
  await removeWith(invocation, options, (writer) => writer.remove(entries, { signal: invocation.signal }));
}

/** Removes the contents of all entries but the newest. */
export async function keepNewest(
  invocation: Invocation,
  entries: number | undefined,
  options: KeepNewestOptions,
): Promise<void> {
  const { olderThan: milliseconds } = options;
  if (entries === undefined && milliseconds === undefined)
    throw usageError(
      "Say how many entries are kept, or up to which age: rlog keep-newest 1000, or --older-than 30d.",
    );
  const retention: Retention = { entries, milliseconds };
  await removeWith(invocation, options, (writer) =>
    writer.keepNewest(retention, { signal: invocation.signal }),
  );
}

async function removeWith(
  invocation: Invocation,
  options: RemoveOptions,
  task: (writer: Writer) => Promise<RemovalResult>,
): Promise<void> {
  const { now = false, publish = true, dir } = options;
  const opening = { ...options, ...(now && { graceMilliseconds: 0 }) };
  await withWriter(invocation, opening, async (writer, opened) => {
    const result = await task(writer);
    const kept = result.firstKept > 0 ? ` The first that is kept is ${result.firstKept}.` : "";
    await invocation.note(`Removed the contents of ${counted(result.removed, "entry", "entries")}.${kept}`);
    const { counts } = opened;
    if (publish && result.remotes.length > 0) await publishAll(invocation, writer, { dir, counts });
    await noteRemotes(invocation, writer, result, { ...opened, published: publish });
  });
}

async function noteRemotes(
  invocation: Invocation,
  writer: Writer,
  { remotes }: RemovalResult,
  { published }: OpenedFolder & { readonly published: boolean },
): Promise<void> {
  const status = writer.status().remotes;
  for (const { label, forgets } of remotes) {
    const { left = 0, dueAt, error } = status.find((one) => one.label === label)?.removal ?? {};
    const name = printable(label);
    if (forgets === "never") {
      await invocation.note(
        `${name}: this network can't forget. Readers get the contents no more, and whoever has their addresses can read them ` +
          "for as long as the network keeps them.",
      );
    } else if (!published) {
      await invocation.note(`${name}: still has them. Run rlog publish.`);
    } else if (error !== undefined) {
      const message = error instanceof Error ? error.message : "for a reason that is not known.";
      await invocation.note(
        `${name}: ${counted(left, "object")} could not be deleted: ${printable(message)} Run rlog publish to try again.`,
      );
    } else if (left > 0) {
      const when = dueAt === undefined ? "" : ` from ${new Date(dueAt).toISOString()} on`;
      await invocation.note(
        `${name}: ${counted(left, "object")} with what was removed will be deleted by rlog publish${when}, so that readers on ` +
          "their way are not cut off; --now deletes them at once.",
      );
    } else if (forgets === "released") {
      await invocation.note(
        `${name}: let go of them. The node drops them when it collects its garbage; other nodes may have copies.`,
      );
    }
  }
}
