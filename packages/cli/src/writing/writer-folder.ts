// The writer's folder: seed, journal and configuration of one log, created once and then opened for one task at a time.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  deriveKeys,
  type GenesisSettings,
  isRemoteLogError,
  openWriter,
  type Remote,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { CommandError, codeOf } from "../errors/command-error.ts";
import { makeFolder } from "../files/make-folder.ts";
import { type Counts, countedRemote } from "../remotes/counting.ts";
import { closeRemotes, openRemotes, readerUri } from "../remotes/open-remotes.ts";
import type { RemoteContext } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { noteGivenSeed, notePlace } from "./folder-place.ts";
import { type FolderSeeds, type WriterSeed, writeSeed } from "./folder-seed.ts";
import { writeIgnoreFile } from "./ignore-file.ts";
import {
  damagedJournal,
  hasJournal,
  isCorrupt,
  JOURNAL,
  journalGone,
  journalOf,
  WITNESS,
} from "./journal-files.ts";
import { inTurn, type Waiting } from "./journal-lock.ts";
import { withSnapshot } from "./journal-snapshot.ts";
import {
  readConfig,
  SEED,
  settingsOf,
  type WriterConfig,
  type WriterSettings,
  writeConfig,
} from "./writer-config.ts";

/** What a log is begun with. */
interface GivenToFolder extends WriterSettings {
  readonly seed: WriterSeed;
  readonly passphrase?: string | undefined;
  /** Whether the seed is new, and has written no log. */
  readonly isNew: boolean;
}

/**
 * Starts a log in a folder that has none.
 *
 * @param given - the seed, the passphrase to seal it with (default: it is kept as it is), and what
 * the log does by itself
 * @throws CommandError `ERR_EXISTS` if it holds a log or a part of one: nothing is overwritten
 */
export async function createWriterFolder(
  folder: string,
  remotes: readonly RemotePlace[],
  settings: Partial<GenesisSettings>,
  given: GivenToFolder,
): Promise<WriterConfig> {
  const { seed, passphrase, isNew, ...own } = given;
  // Refuse what can't be used before writing anything.
  const opened = await openRemotes(remotes, contextOf(seed));
  await makeFolder(folder, 0o700);
  await refuseToReplace(folder, SEED, () => writeSeed(folder, seed, passphrase));
  let config: WriterConfig;
  try {
    await refuseToReplace(folder, JOURNAL, () => mkdir(join(folder, JOURNAL), { mode: 0o700 }));
    try {
      // A witness that was left would be that of another log, whose seed is gone.
      await rm(join(folder, WITNESS), { force: true });
      const journal = journalOf(folder);
      const writer = await openWriter({ ...journal, seed, remotes: opened, settings, publish: "manual" });
      config = { logId: writer.logId, remotes, genesis: settingsOf(writer), ...own };
      await writer.close();
    } catch (error) {
      await rm(join(folder, JOURNAL), { recursive: true });
      await rm(join(folder, WITNESS), { force: true });
      throw error;
    }
  } catch (error) {
    // Nothing was signed with this seed, so it can go.
    await rm(join(folder, SEED));
    throw error;
  } finally {
    await closeRemotes(opened);
  }
  // A seed that was given may have a log already: the remotes are asked before anything is appended.
  if (isNew) await notePlace(folder);
  else await noteGivenSeed(folder);
  await writeConfig(folder, config);
  return config;
}

/**
 * Puts a seed into a folder that has none, for `rlog recover`.
 *
 * @throws CommandError `ERR_EXISTS` if it has one: it is not changed
 */
export async function putSeed(
  folder: string,
  seed: WriterSeed,
  passphrase: string | undefined,
): Promise<void> {
  await makeFolder(folder, 0o700);
  await refuseToReplace(folder, SEED, () => writeSeed(folder, seed, passphrase));
  await writeIgnoreFile(folder);
}

/** What remotes are opened with: they get the keys of names, never those that sign. */
export function contextOf(seed: WriterSeed, logId?: string): RemoteContext {
  const keys = deriveKeys(seed);
  const nameKeys = {
    get ipns() {
      return keys.ipns;
    },
    get swarm() {
      return keys.swarm;
    },
  };
  return { nameKeys, ...(logId !== undefined && { logId }) };
}

/**
 * Reads the configuration of a writer's folder, and what its remotes are opened with. Opens neither them nor the journal.
 *
 * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`
 */
export async function readWriterFolder(
  folder: string,
  seeds: FolderSeeds,
): Promise<{ readonly config: WriterConfig; readonly context: RemoteContext }> {
  const config = await readConfig(folder);
  return { config, context: contextOf(await seeds.read(folder), config.logId) };
}

/** The URIs by which readers find the log of a writer's folder. */
export async function readerUris(
  folder: string,
  { remotes, logId }: WriterConfig,
  seeds: FolderSeeds,
): Promise<string[]> {
  const context = contextOf(await seeds.read(folder), logId);
  const uris: string[] = [];
  for (const remote of remotes) uris.push(await readerUri(remote, context));
  return [...new Set(uris)];
}

async function refuseToReplace(folder: string, name: string, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CommandError(
      "ERR_EXISTS",
      `${folder} already holds the ${name} of a log. It was not changed. Give another folder with --dir.`,
    );
  }
}

/** How the writer of a folder is opened. */
export interface WriterFolderOptions {
  /** How long to wait for another process that uses the journal. */
  readonly waiting: Waiting;
  /** Opens the seed. */
  readonly seeds: FolderSeeds;
  /** Counts the requests to the remotes. Default: nothing is counted. */
  readonly counts?: Counts | undefined;
  /** Whether the remotes of the configuration are opened. Default: true. */
  readonly remotes?: boolean;
  /** Open remotes besides those. They belong to the caller. Default: none. */
  readonly further?: readonly Remote[];
  /** As `graceMilliseconds` of a writer. */
  readonly graceMilliseconds?: number | undefined;
}

/**
 * Opens the writer of a folder for one task, in its turn, and closes everything afterwards.
 *
 * @param task - gets the writer, its configuration, and the largest content that its remotes and readers accept, in bytes
 * @throws CommandError `ERR_JOURNAL_LOCKED` if another process uses the journal for longer than this one may wait
 */
export async function useWriterFolder<T>(
  folder: string,
  options: WriterFolderOptions,
  task: (writer: Writer, config: WriterConfig, largestContent: number) => Promise<T>,
): Promise<T> {
  const { counts, remotes: withRemotes = true, further = [], seeds, waiting, graceMilliseconds } = options;
  // Nobody queues in a folder that holds no log.
  await readConfig(folder);
  await seeds.read(folder);
  return inTurn(folder, waiting, async (whenFree) => {
    // Another process may have changed them before this one's turn.
    const config = await readConfig(folder);
    const seed = await seeds.read(folder);
    if (!(await hasJournal(folder))) throw journalGone(folder, config.logId);
    const { rotateKey, retention, bundles, copies } = config;
    const opened = withRemotes ? await openRemotes(config.remotes, contextOf(seed, config.logId)) : [];
    const counted = counts === undefined ? opened : opened.map((one) => countedRemote(one, counts));
    const remotes = [...counted, ...further];
    // A remote less in config.json than copies is no reason not to append.
    const publishedWhen =
      copies !== undefined && remotes.length > 0 ? Math.min(copies, remotes.length) : undefined;
    try {
      const writer = await whenFree(() =>
        openConfigured(
          {
            ...journalOf(folder),
            seed,
            remotes,
            publish: "manual",
            publishedWhen,
            graceMilliseconds,
            rotateKey,
            retention,
            bundles,
          },
          folder,
          config,
        ),
      );
      try {
        return await task(writer, config, writer.largestContent);
      } catch (error) {
        throw isCorrupt(error) ? damagedJournal(folder, config.logId, error) : error;
      } finally {
        await writer.close();
      }
    } finally {
      await closeRemotes(opened);
    }
  });
}

/** What can be read of a log while its writer is at work. */
export type WriterView = Pick<
  Writer,
  "logId" | "size" | "checkpoint" | "readKey" | "readers" | "manifest" | "status" | "entries"
>;

/** How often a snapshot that contradicts its witness is made again, before the journal itself is believed to be damaged. */
const SNAPSHOTS = 3;

/**
 * Reads the log of a folder as it is on this device, also while another process writes it: from a snapshot of the journal. Waits
 * for nobody, and changes nothing.
 *
 * @param options - the signal; what opens the seed; whether to open the remotes, so that the view shows how far each is (default: true)
 * @param task - gets a view of the log as it was a moment ago, and its configuration
 */
export async function viewWriterFolder<T>(
  folder: string,
  {
    signal,
    seeds,
    remotes: withRemotes = true,
  }: { readonly signal: AbortSignal; readonly seeds: FolderSeeds; readonly remotes?: boolean },
  task: (view: WriterView, config: WriterConfig) => Promise<T>,
): Promise<T> {
  const config = await readConfig(folder);
  const seed = await seeds.read(folder);
  if (!(await hasJournal(folder))) throw journalGone(folder, config.logId);
  const remotes = withRemotes ? await openRemotes(config.remotes, contextOf(seed, config.logId)) : [];
  try {
    for (let tries = 1; ; tries++) {
      try {
        return await withSnapshot(folder, signal, async (copies) => {
          const options = { ...journalOf(copies), seed, remotes, publish: "manual" } as const;
          const writer = await openConfigured(options, folder, config);
          try {
            return await task(writer, config);
          } finally {
            await writer.close();
          }
        });
      } catch (error) {
        if (codeOf(error) !== "ERR_JOURNAL_CORRUPT") throw error;
        if (isCorrupt(error)) throw damagedJournal(folder, config.logId, error);
        if (tries >= SNAPSHOTS) throw error;
      }
    }
  } finally {
    await closeRemotes(remotes);
  }
}

// With the id of the log, an empty journal is refused: its log exists, and `rlog recover` gets it back.
async function openConfigured(
  options: WriterOptions,
  folder: string,
  { logId }: WriterConfig,
): Promise<Writer> {
  try {
    return await openWriter({ ...options, logId });
  } catch (cause) {
    if (isCorrupt(cause)) throw damagedJournal(folder, logId, cause);
    if (!isRemoteLogError(cause) || cause.reason !== "other-log") throw cause;
    throw new CommandError("ERR_CONFIG", `${folder} can't be used: ${cause.message}`, 1, cause);
  }
}
