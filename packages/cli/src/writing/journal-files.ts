// The journal of a writer's folder: the LevelDB database, and the witness beside it that states what was acknowledged.

import { cp, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isRemoteLogError, type JournalCorruptError, type WriterOptions } from "@remote-log/core";
import { fileWitness } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";
import { CommandError } from "../errors/command-error.ts";
import { readText, UnusableFile } from "../files/read-text.ts";

/** The name of the database's folder in the writer's folder. */
export const JOURNAL = "journal";
/** The name of the witness's file beside it. */
export const WITNESS = "journal.witness";

/** The longest name of a database's file, in bytes. */
const LONGEST_NAME = 255;

/** The options with which a writer opens the journal of a folder. */
export function journalOf(folder: string): Pick<WriterOptions, "journal" | "witness"> {
  // By absolute paths: LevelDB compares the paths of a process by their letters.
  const [database, witness] = [resolve(folder, JOURNAL), resolve(folder, WITNESS)];
  return { journal: new ClassicLevel(database), witness: fileWitness(witness) };
}

/**
 * Whether there is a database: the file that begins it, and the one that this names. If only the first is gone, LevelDB would
 * make an empty database in its place, and delete what is left of the old one.
 */
export async function hasJournal(folder: string): Promise<boolean> {
  for (let named = await namedManifest(folder); named !== undefined; ) {
    if (await exists(join(folder, JOURNAL, named))) return true;
    // Whoever opens the database now begins another manifest, and removes the one that was named a moment ago.
    const before = named;
    named = await namedManifest(folder);
    if (named === before) return false;
  }
  return false;
}

async function namedManifest(folder: string): Promise<string | undefined> {
  try {
    return (await readText(join(folder, JOURNAL, "CURRENT"), LONGEST_NAME)).trim() || undefined;
  } catch (error) {
    if (error instanceof UnusableFile || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Copies the journal and its witness, as they are, to names beside them that are free.
 *
 * @returns the path of the copy; `undefined` if there is no journal
 */
export async function keepCopy(folder: string): Promise<string | undefined> {
  const path = join(folder, JOURNAL);
  if (!(await exists(path))) return undefined;
  let number = 1;
  while (await exists(`${path}.damaged-${number}`)) number++;
  const copy = `${path}.damaged-${number}`;
  await cp(path, copy, { recursive: true, errorOnExist: true, force: false });
  const witness = join(folder, WITNESS);
  if (await exists(witness)) await cp(witness, `${copy}.witness`);
  return copy;
}

/** Removes a copy that {@link keepCopy} made. */
export async function removeCopy(copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  await rm(`${copy}.witness`, { force: true });
}

/**
 * Repairs a database that can't be opened as far as LevelDB can: it looks for records in every file. What it finds is checked
 * afterwards, entry by entry, by whoever opens it.
 *
 * @returns whether there is a database now
 */
export async function repairJournal(folder: string): Promise<boolean> {
  try {
    await ClassicLevel.repair(resolve(folder, JOURNAL));
    return await hasJournal(folder);
  } catch {
    return false;
  }
}

/** Removes the database, so that an empty one is begun. */
export async function removeJournal(folder: string): Promise<void> {
  await rm(join(folder, JOURNAL), { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Whether an error says that a journal is damaged, or lacks what was acknowledged. */
export function isCorrupt(error: unknown): error is JournalCorruptError {
  return isRemoteLogError(error) && error.code === "ERR_JOURNAL_CORRUPT";
}

/** Whether an error says that somebody else has the journal open. */
export function isLocked(error: unknown): boolean {
  return isRemoteLogError(error) && error.code === "ERR_JOURNAL_LOCKED";
}

/** The error for a folder whose journal is not there although its log exists. */
export function journalGone(folder: string, logId: string, cause?: unknown): CommandError {
  return corruptJournal(
    `The journal in ${folder} is gone or empty, although log ${logId} exists. Nothing was written. Restore the folder, or get ` +
      `the entries back from the remotes: rlog recover --dir ${folder}`,
    cause,
  );
}

/** How `rlog` says that a journal is damaged: what is safe, what is lost, and the way back. */
export function damagedJournal(folder: string, logId: string, error: JournalCorruptError): CommandError {
  const { reason, lost } = error;
  if (reason === "empty") return journalGone(folder, logId, error);
  const back = `rlog recover --dir ${folder}`;
  if (lost === undefined) return corruptJournal(`${error.message} With rlog, that is: ${back}`, error);
  switch (reason) {
    case "lost-for-good":
      return corruptJournal(
        `Not everything that was acknowledged can be recovered: ${numbers(lost)} neither on this device nor on any remote. ` +
          `Nothing was changed. If another remote has them, add it with rlog remote add, and call ${back}. To continue without them, ` +
          `so that their numbers are given out again: ${back} --accept-loss`,
        error,
      );
    case "lost-signed":
      return corruptJournal(error.message, error);
    default:
      return corruptJournal(
        `The journal in ${folder} has lost entries that were acknowledged: ${numbers(lost)} missing. ${safe(lost.from)} Nothing ` +
          `was written. Get the missing ones back from the remotes: ${back}`,
        error,
      );
  }
}

function corruptJournal(message: string, cause: unknown): CommandError {
  return new CommandError("ERR_JOURNAL_CORRUPT", message, 1, cause);
}

/** Entries by their numbers, with the verb. */
export function numbers({ from, to }: { readonly from: number; readonly to: number }): string {
  return to - from === 1 ? `entry ${from} is` : `entries ${from} to ${to - 1} are`;
}

function safe(count: number): string {
  if (count === 0) return "None is safe here.";
  return count === 1 ? "Entry 0 is safe." : `Entries 0 to ${count - 1} are safe.`;
}
