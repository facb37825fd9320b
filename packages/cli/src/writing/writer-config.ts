// `config.json` in the writer's folder: which log it holds, and where it is published.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { GenesisSettings, KeyRotation, Retention, Writer, WriterOptions } from "@remote-log/core";
import { CommandError, usageError } from "../errors/command-error.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/terminal-text.ts";
import { replaceFile } from "./durable-files.ts";

/** What a log does by itself, as its writer wants it: it can be changed at any time. */
export interface WriterSettings {
  /** When the read key changes. Absent: never by itself. */
  readonly rotateKey?: KeyRotation;
  /** How much is kept. Absent: everything. */
  readonly retention?: Retention;
  /** Whether older pages are stored together. Absent: as the version of the program that writes has it. */
  readonly bundles?: Bundling;
  /** On how many remotes the log has to be to count as published; at most as many as there are. Absent: on all. */
  readonly copies?: number;
}

/** Who stores older pages together. */
export type Bundling = NonNullable<WriterOptions["bundles"]>;

/** What `bundles` may be. */
export const BUNDLING: readonly Bundling[] = ["writer", "off"];

/** What `config.json` holds. */
export interface WriterConfig extends WriterSettings {
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
    const { version, logId, remotes, genesis, ...others } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof logId !== "string") throw new Error("its version or log id is wrong");
    if (typeof remotes !== "object" || remotes === null) throw new Error("its remotes are not an object");
    const places = Object.entries(remotes).map(([label, uri]) => {
      if (typeof uri !== "string") throw new Error(`the URI of ${label} is not a text`);
      return { label, uri };
    });
    const settings = readSettings(others);
    if (genesis === undefined) return { logId, remotes: places, ...settings };
    if (!isSettings(genesis)) throw new Error("its genesis settings are not those of a log");
    return { logId, remotes: places, genesis, ...settings };
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
  return hasFile(folder, CONFIG);
}

/** Whether a writer's folder has a seed. */
export async function hasSeed(folder: string): Promise<boolean> {
  return hasFile(folder, SEED);
}

async function hasFile(folder: string, name: string): Promise<boolean> {
  try {
    await stat(join(folder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function readSettings({ rotateKey, retention, bundles, copies }: Record<string, unknown>): WriterSettings {
  if (!holdsNumbers(rotateKey, ["afterEntries", "afterMilliseconds"]))
    throw new Error(
      "its rotateKey is not afterEntries, afterMilliseconds, or both, each a whole number from 1",
    );
  if (!holdsNumbers(retention, ["entries", "milliseconds"]))
    throw new Error("its retention is not entries, milliseconds, or both, each a whole number from 1");
  if (bundles !== undefined && !isBundling(bundles))
    throw new Error(`its bundles are not one of ${BUNDLING.join(", ")}`);
  if (copies !== undefined && !(Number.isSafeInteger(copies) && (copies as number) >= 1))
    throw new Error("its copies are not a whole number from 1");
  return {
    ...(rotateKey !== undefined && { rotateKey: rotateKey as KeyRotation }),
    ...(retention !== undefined && { retention: retention as Retention }),
    ...(bundles !== undefined && { bundles }),
    ...(copies !== undefined && { copies: copies as number }),
  };
}

/**
 * Checks that a log has as many remotes as it is to be on.
 *
 * @throws CommandError `ERR_USAGE`
 */
export function checkCopies({ copies, remotes }: Pick<WriterConfig, "copies" | "remotes">): void {
  if (copies === undefined || copies <= remotes.length) return;
  throw usageError(
    `A log on ${counted(remotes.length, "remote")} can't have ${copies} copies. Add a remote, or give a smaller number: rlog settings --copies.`,
  );
}

function isBundling(value: unknown): value is Bundling {
  return BUNDLING.some((one) => one === value);
}

function holdsNumbers(value: unknown, names: readonly string[]): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const fields = Object.entries(value);
  return (
    fields.length > 0 &&
    fields.every(([name, number]) => names.includes(name) && Number.isSafeInteger(number) && number >= 1)
  );
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
export async function writeConfig(
  folder: string,
  { logId, remotes, genesis, ...own }: WriterConfig,
): Promise<void> {
  const places = Object.fromEntries(remotes.map(({ label, uri }) => [label, uri]));
  const { rotateKey, retention, bundles, copies } = own;
  const config = { version: 1, logId, genesis, rotateKey, retention, bundles, copies, remotes: places };
  const text = JSON.stringify(config, null, 2);
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
