import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { deriveKeys, type GenesisSettings, generateSeed, openWriter, type Writer } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { type Counts, countedRemote } from "./counting.ts";
import { CommandError, printable } from "./failure.ts";
import type { RemoteContext } from "./remote-kind.ts";
import { closeRemotes, openRemotes, type RemotePlace, readerUri } from "./remotes.ts";

/** What a writer's folder says of its log, besides the seed and the journal. */
export interface WriterConfig {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
}

const SEED = "seed";
const CONFIG = "config.json";
const JOURNAL = "journal";

/**
 * Begins a log in a folder that has none.
 *
 * @throws CommandError `ERR_EXISTS` where there is one, whole or begun: nothing is overwritten
 */
export async function createWriterFolder(
  folder: string,
  remotes: readonly RemotePlace[],
  settings: Partial<GenesisSettings>,
): Promise<WriterConfig> {
  const seed = generateSeed();
  // Whatever can't be used is refused before anything is written.
  const opened = await openRemotes(remotes, contextOf(seed));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseToReplace(folder, SEED, () =>
    writeNew(join(folder, SEED), `${Buffer.from(seed).toString("hex")}\n`),
  );
  let logId: string;
  try {
    await refuseToReplace(folder, JOURNAL, () => mkdir(join(folder, JOURNAL), { mode: 0o700 }));
    try {
      const journal = new ClassicLevel(join(folder, JOURNAL));
      const writer = await openWriter({ seed, journal, remotes: opened, settings, publish: "manual" });
      logId = writer.logId;
      await writer.close();
    } catch (error) {
      await rm(join(folder, JOURNAL), { recursive: true });
      throw error;
    }
  } catch (error) {
    // Nothing was signed with this seed, so nothing is lost with it.
    await rm(join(folder, SEED));
    throw error;
  } finally {
    await closeRemotes(opened);
  }
  const config = { logId, remotes };
  await replaceFile(folder, CONFIG, configText(config));
  return config;
}

// The kinds of remotes get the keys of names alone, and not those that sign.
function contextOf(seed: Uint8Array, logId?: string): RemoteContext {
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
 * What a writer's folder says of its log, and with what its remotes are opened. Opens neither them nor the journal.
 *
 * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`
 */
export async function readWriterFolder(
  folder: string,
): Promise<{ readonly config: WriterConfig; readonly context: RemoteContext }> {
  const config = await readWriterConfig(folder);
  return { config, context: contextOf(await readSeed(folder), config.logId) };
}

/** The URIs by which readers find the log of a writer's folder. */
export async function readerUris(folder: string, { remotes, logId }: WriterConfig): Promise<string[]> {
  const context = contextOf(await readSeed(folder), logId);
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
      `${folder} holds the ${name} of a log already, and it was not touched. Give another folder with --dir.`,
    );
  }
}

/**
 * Reads what a writer's folder says of its log.
 *
 * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`
 */
async function readWriterConfig(folder: string): Promise<WriterConfig> {
  const text = await readText(folder, CONFIG);
  try {
    const { version, logId, remotes } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof logId !== "string") throw new Error("its version or log id is wrong");
    if (typeof remotes !== "object" || remotes === null) throw new Error("its remotes are no object");
    const places = Object.entries(remotes).map(([label, uri]) => {
      if (typeof uri !== "string") throw new Error(`the URI of ${label} is no text`);
      return { label, uri };
    });
    return { logId, remotes: places };
  } catch (cause) {
    const why = printable(cause instanceof Error ? cause.message : "it is no JSON");
    throw new CommandError("ERR_CONFIG", `${join(folder, CONFIG)} can't be used: ${why}.`, 1, cause);
  }
}

/**
 * Opens the writer of a folder for one task, and closes everything afterwards.
 *
 * @param counts - where to count what is asked of the remotes
 */
export async function useWriterFolder<T>(
  folder: string,
  counts: Counts | undefined,
  task: (writer: Writer, config: WriterConfig, largestContent: number) => Promise<T>,
): Promise<T> {
  const config = await readWriterConfig(folder);
  const seed = await readSeed(folder);
  const opened = await openRemotes(config.remotes, contextOf(seed, config.logId));
  const remotes = counts === undefined ? opened : opened.map((one) => countedRemote(one, counts));
  const largest = Math.min(LARGEST_CONTENT, ...remotes.map((one) => one.storage.capabilities.largestContent));
  try {
    const journal = new ClassicLevel(join(folder, JOURNAL));
    const writer = await openWriter({ seed, journal, remotes, publish: "manual" });
    try {
      if (writer.logId !== config.logId) {
        throw new CommandError("ERR_CONFIG", `${folder} holds the journal of another log, ${writer.logId}.`);
      }
      return await task(writer, config, largest);
    } finally {
      await writer.close();
    }
  } finally {
    await closeRemotes(opened);
  }
}

/** The largest content that readers accept by default, in bytes. */
const LARGEST_CONTENT = 16 * 2 ** 20;

async function readSeed(folder: string): Promise<Uint8Array> {
  const text = (await readText(folder, SEED)).trim();
  if (/^[0-9a-f]{64}$/.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  throw new CommandError(
    "ERR_CONFIG",
    `${join(folder, SEED)} is damaged: it should hold 64 hexadecimal digits. Take it from a backup.`,
  );
}

async function readText(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new CommandError(
      "ERR_NO_LOG",
      `${folder} holds no log (${name} is missing). Begin one with rlog init, or name its folder with --dir.`,
      1,
      cause,
    );
  }
}

function configText({ logId, remotes }: WriterConfig): string {
  const places = Object.fromEntries(remotes.map(({ label, uri }) => [label, uri]));
  return `${JSON.stringify({ version: 1, logId, remotes: places }, null, 2)}\n`;
}

/** Writes a file of the writer's folder whole or not at all, in place of an older one. */
export async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  const temporary = `${path}.${process.pid}.new`;
  await rm(temporary, { force: true });
  await writeNew(temporary, text);
  await rename(temporary, path);
  await syncFolder(folder);
}

// Readable by its owner alone, and durable.
async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(join(path, ".."));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
