// Opens a writer's folder for `rlog recover`: also if its journal is damaged or gone, and with its seed and a link alone.

import { openWriter, type Remote, type Writer } from "@remote-log/core";
import { CommandError, usageError } from "../errors/command-error.ts";
import { type Counts, countedRemote } from "../remotes/counting.ts";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { printable } from "../terminal/terminal-text.ts";
import { notePlace } from "./folder-place.ts";
import type { FolderSeeds, WriterSeed } from "./folder-seed.ts";
import {
  damagedJournal,
  hasJournal,
  isCorrupt,
  isLocked,
  journalOf,
  keepCopy,
  removeCopy,
  removeJournal,
  repairJournal,
} from "./journal-files.ts";
import { inTurn, type Waiting } from "./journal-lock.ts";
import { hasConfig, readConfig, settingsOf, type WriterConfig, writeConfig } from "./writer-config.ts";
import { contextOf } from "./writer-folder.ts";

/** What the caller says of a log whose `config.json` is gone. */
interface LogToRecover {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
}

/** Options of {@link recoverFolder}. */
export interface RecoverFolderOptions {
  /** The log, if the folder holds only its seed. */
  readonly log: LogToRecover | undefined;
  /** Labels of remotes that are not asked. */
  readonly without: readonly string[];
  readonly counts: Counts | undefined;
  /** Opens the seed. */
  readonly seeds: FolderSeeds;
  /** How long to wait for another process that uses the journal. */
  readonly waiting: Waiting;
  /** Whether to copy the journal before anything in it is changed. */
  readonly keep: boolean;
  /** Gets the path of the copy that was made of a damaged journal. */
  readonly onKept: (path: string) => Promise<void>;
}

/**
 * Opens the writer of a folder to recover its journal, and closes everything afterwards. Writes `config.json` if it was missing
 * and the task has succeeded.
 *
 * @throws CommandError `ERR_USAGE` if a log is given although the folder has its configuration, and if no remote is left to be asked
 */
export async function recoverFolder<T>(
  folder: string,
  options: RecoverFolderOptions,
  task: (writer: Writer, config: WriterConfig) => Promise<T>,
): Promise<T> {
  const { log } = options;
  const seed = await options.seeds.read(folder);
  if (log !== undefined && (await hasConfig(folder)))
    throw usageError(`${folder} has its config.json: leave LOG out, or give another folder with --dir.`);
  if (log === undefined) await readConfig(folder);
  return inTurn(folder, options.waiting, (whenFree) =>
    recoverInTurn(folder, { ...options, seed, whenFree }, task),
  );
}

async function recoverInTurn<T>(
  folder: string,
  options: RecoverFolderOptions & {
    readonly seed: WriterSeed;
    readonly whenFree: <R>(open: () => Promise<R>) => Promise<R>;
  },
  task: (writer: Writer, config: WriterConfig) => Promise<T>,
): Promise<T> {
  const { log, counts, seed, whenFree, without } = options;
  const config = log ?? (await readConfig(folder));
  const opened = await openRemotes(asked(config.remotes, without), contextOf(seed, config.logId));
  const remotes = counts === undefined ? opened : opened.map((one) => countedRemote(one, counts));
  try {
    const { writer, kept } = await whenFree(() => openOrUndo(folder, { seed, remotes, config, options }));
    try {
      if (kept !== undefined) await options.onKept(kept);
      const result = await task(writer, config);
      if (log !== undefined) {
        const { logId } = writer;
        await writeConfig(folder, { logId, remotes: log.remotes, genesis: settingsOf(writer) });
      }
      // Every remote has answered. One that was left out is asked before anything is appended, if it can be.
      if (without.length === 0) await notePlace(folder);
      return result;
    } catch (error) {
      throw isCorrupt(error) ? damagedJournal(folder, config.logId, error) : error;
    } finally {
      await writer.close();
    }
  } finally {
    await closeRemotes(opened);
  }
}

function asked(remotes: readonly RemotePlace[], without: readonly string[]): readonly RemotePlace[] {
  const unknown = without.find((label) => remotes.every((one) => one.label !== label));
  const labels = remotes.map(({ label }) => label).join(", ") || "none";
  if (unknown !== undefined)
    throw usageError(`The log has no remote called ${printable(unknown)}. It has: ${labels}.`);
  const left = remotes.filter(({ label }) => !without.includes(label));
  if (left.length > 0 || without.length === 0) return left;
  throw usageError("No remote is left to be asked: leave out fewer.");
}

/** What a damaged journal is opened with. */
interface Damaged {
  readonly seed: WriterSeed;
  readonly remotes: readonly Remote[];
  readonly config: WriterConfig;
  readonly options: RecoverFolderOptions;
}

// A copy of a journal that somebody else is writing is of no use.
async function openOrUndo(
  folder: string,
  damaged: Damaged,
): Promise<{ readonly writer: Writer; readonly kept: string | undefined }> {
  let kept: string | undefined;
  try {
    const writer = await openDamaged(folder, damaged, async () => {
      kept = await keepCopy(folder);
    });
    return { writer, kept };
  } catch (error) {
    if (kept !== undefined && isLocked(error)) await removeCopy(kept);
    else if (kept !== undefined) await damaged.options.onKept(kept);
    throw error;
  }
}

async function openDamaged(
  folder: string,
  { seed, remotes, config, options }: Damaged,
  keep: () => Promise<void>,
): Promise<Writer> {
  const { logId, genesis } = config;
  const open = (): Promise<Writer> =>
    openWriter({
      seed,
      remotes,
      logId,
      ...(genesis && { settings: genesis }),
      forRecovery: true,
      publish: "manual",
      ...journalOf(folder),
    });
  let kept = false;
  if (options.keep) {
    await keep();
    kept = true;
  }
  try {
    if (await hasJournal(folder)) return await open();
  } catch (error) {
    if (!isCorrupt(error)) throw otherLog(folder, error);
  }
  // What can't even be opened is kept beside, repaired as far as that goes, and else begun anew and filled from the remotes.
  if (!kept) await keep();
  if (await repairJournal(folder)) {
    try {
      return await open();
    } catch (error) {
      if (!isCorrupt(error)) throw otherLog(folder, error);
    }
  }
  await removeJournal(folder);
  return open().catch((error: unknown) => {
    throw otherLog(folder, error);
  });
}

function otherLog(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("reason" in error) || error.reason !== "other-log") return error;
  return new CommandError("ERR_CONFIG", `${folder} can't be used: ${error.message}`, 1, error);
}
