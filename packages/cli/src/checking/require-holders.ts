// Whether other remotes hold everything, before one is taken out of a log.

import type { Writer } from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { FolderSeeds } from "../writing/folder-seed.ts";
import { contextOf } from "../writing/writer-folder.ts";
import { checkRemote, isWhole } from "./check-remote.ts";
import { whyNot } from "./report.ts";

/** What must hold. */
export interface HoldersWanted {
  readonly writer: Pick<Writer, "logId" | "size" | "manifest">;
  readonly remotes: readonly RemotePlace[];
  /** How many of them must hold everything. */
  readonly after: number;
  readonly seeds: FolderSeeds;
  readonly dir: string;
}

/**
 * Reads remotes whole, until enough of them hold all that the journal has.
 *
 * @throws CommandError `ERR_NEEDS_CARE` if fewer do
 */
export async function requireHolders(
  invocation: Invocation,
  { writer, remotes, after, seeds, dir }: HoldersWanted,
): Promise<void> {
  const { logId, size } = writer;
  const version = writer.manifest?.version ?? 0;
  const { signal } = invocation;
  const context = contextOf(await seeds.read(dir), logId);
  const reasons: string[] = [];
  let holding = 0;
  for (const place of remotes) {
    if (holding === after) return;
    const opened = await openRemotes([place], context);
    try {
      const checked = await invocation.withProgress("check", (bar) =>
        checkRemote(opened[0]!, {
          logId,
          sources: [],
          repairs: false,
          signal,
          onProgress: (entries, of) => bar.update(entries, of),
        }),
      );
      if (isWhole(checked, size) && checked.manifest === version) holding++;
      else reasons.push(`${place.label} ${whyNot(checked, size)}`);
    } finally {
      await closeRemotes(opened);
    }
  }
  if (holding >= after) return;
  throw new CommandError(
    "ERR_NEEDS_CARE",
    `Of the other remotes, ${holding} ${holding === 1 ? "holds" : "hold"} everything, and ${after} must: ${reasons.join("; ") || "there are no more"}. ` +
      `Nothing was removed. Run rlog publish, so that ${counted(size, "entry", "entries")} are there, and rlog fsck --repair.`,
    exitCodes.needsCare,
  );
}
