// `config.json` in the writer's folder: which log it holds, and where it is published.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { GenesisSettings, Writer } from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { printable } from "../terminal/terminal-text.ts";
import { replaceFile } from "./durable-files.ts";

/** What `config.json` holds. */
export interface WriterConfig {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
  /** What the log fixed for good; absent in a folder of an earlier version. */
  readonly genesis?: GenesisSettings;
}

/** The name of the file with the log's only key. */
export const SEED = "seed";
const CONFIG = "config.json";
/** The longest of these files that is read, in bytes. */
const LARGEST_FILE = 2 ** 20;

/**
 * Reads the configuration of a writer's folder.
 *
 * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`
 */
export async function readConfig(folder: string): Promise<WriterConfig> {
  const text = await readOwn(folder, CONFIG);
  try {
    const { version, logId, remotes, genesis } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof logId !== "string") throw new Error("its version or log id is wrong");
    if (typeof remotes !== "object" || remotes === null) throw new Error("its remotes are not an object");
    const places = Object.entries(remotes).map(([label, uri]) => {
      if (typeof uri !== "string") throw new Error(`the URI of ${label} is not a text`);
      return { label, uri };
    });
    if (genesis === undefined) return { logId, remotes: places };
    if (!isSettings(genesis)) throw new Error("its genesis settings are not those of a log");
    return { logId, remotes: places, genesis };
  } catch (cause) {
    const why = printable(cause instanceof Error ? cause.message : "it is not JSON");
    throw new CommandError("ERR_CONFIG", `${join(folder, CONFIG)} can't be used: ${why}.`, 1, cause);
  }
}

/** What a log fixed for good, as `config.json` keeps it. */
export function settingsOf({ genesis: { genesis } }: Writer): GenesisSettings {
  const { identifiers, visibility, padding, leafSize, fanOut } = genesis;
  return { identifiers, visibility, ...(padding && { padding }), leafSize, fanOut };
}

/** Whether a writer's folder has a configuration. */
export async function hasConfig(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, CONFIG));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function isSettings(value: unknown): value is GenesisSettings {
  if (typeof value !== "object" || value === null) return false;
  const { identifiers, visibility, padding, leafSize, fanOut } = value as Record<string, unknown>;
  return (
    (identifiers === "sha256" || identifiers === "mvds") &&
    (visibility === "public" || visibility === "private") &&
    (padding === undefined || padding === "padme" || padding === "none") &&
    Number.isSafeInteger(leafSize) &&
    Number.isSafeInteger(fanOut)
  );
}

/** Writes the configuration of a writer's folder. */
export async function writeConfig(folder: string, { logId, remotes, genesis }: WriterConfig): Promise<void> {
  const places = Object.fromEntries(remotes.map(({ label, uri }) => [label, uri]));
  const text = JSON.stringify({ version: 1, logId, genesis, remotes: places }, null, 2);
  await replaceFile(folder, CONFIG, `${text}\n`);
}

/**
 * Reads a file of a writer's folder as text.
 *
 * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`
 */
export async function readOwn(folder: string, name: string): Promise<string> {
  try {
    return await readText(join(folder, name), LARGEST_FILE);
  } catch (cause) {
    if (cause instanceof UnusableFile) {
      throw new CommandError(
        "ERR_CONFIG",
        `${join(folder, name)} can't be used: ${cause.message}.`,
        1,
        cause,
      );
    }
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new CommandError(
      "ERR_NO_LOG",
      `${folder} holds no log (${name} is missing). Start one with rlog init, or give its folder with --dir.`,
      1,
      cause,
    );
  }
}
