// The file of settings of `rlog serve`.

import { CommandError } from "../errors/command-error.ts";
import { readText, UnusableFile } from "../files/read-text.ts";

/** The longest file that is read, in bytes. */
const LONGEST = 4 * 1024 * 1024;

/** How much one log may cost. */
export interface ConfigLimits {
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  readonly maxRequests?: number;
}

/** A log of the file. */
export interface ConfigLog extends ConfigLimits {
  /** Its link, or its id. */
  readonly link: string;
  /** Where to read it from, besides the remotes of the link. */
  readonly remotes: readonly string[];
}

/** The settings of a file; each is an option of the command, too. */
export interface ServeConfig extends ConfigLimits {
  readonly logs: readonly ConfigLog[];
  readonly folder?: string;
  readonly listen?: string;
  readonly poll?: number;
  readonly cosign?: string;
  readonly witness?: string;
  readonly node?: string;
  readonly trust?: readonly string[];
}

const texts = ["folder", "listen", "cosign", "witness", "node"] as const;
const limits = ["maxBytes", "maxEntries", "maxRequests"] as const;

/**
 * Reads the file: JSON, with a list of `logs`, each a link, or an object with a `link`.
 *
 * @throws CommandError `ERR_CONFIG` for anything that it should not hold
 */
export async function readServeConfig(path: string): Promise<ServeConfig> {
  const refuse = (why: string, cause?: unknown): CommandError =>
    new CommandError("ERR_CONFIG", `${path} can't be used: ${why}.`, 1, cause);
  let value: unknown;
  try {
    value = JSON.parse(await readText(path, LONGEST));
  } catch (error) {
    if (error instanceof UnusableFile) throw refuse(error.message, error);
    if (error instanceof SyntaxError) throw refuse("it is no JSON", error);
    throw error;
  }
  const known = ["logs", "poll", "trust", ...texts, ...limits];
  const config = objectOf(value, known, "it", refuse);
  for (const key of texts)
    if (config[key] !== undefined && typeof config[key] !== "string") throw refuse(`${key} is no text`);
  if (config["poll"] !== undefined && !isFrom(config["poll"], 0.05, 86_400))
    throw refuse("poll is no number of seconds from 0.05 to 86400");
  if (config["trust"] !== undefined && !isTexts(config["trust"])) throw refuse("trust is no list of texts");
  checkLimits(config, refuse);
  const logs = config["logs"] ?? [];
  if (!Array.isArray(logs)) throw refuse("logs is no list");
  return { ...(config as Partial<ServeConfig>), logs: logs.map((log: unknown) => logOf(log, refuse)) };
}

type Refuse = (why: string) => CommandError;

function logOf(value: unknown, refuse: Refuse): ConfigLog {
  if (typeof value === "string") return { link: value, remotes: [] };
  const log = objectOf(value, ["link", "remotes", ...limits], "a log", refuse);
  if (typeof log["link"] !== "string") throw refuse("a log has no link");
  if (log["remotes"] !== undefined && !isTexts(log["remotes"]))
    throw refuse("the remotes of a log are no list of texts");
  checkLimits(log, refuse);
  return {
    ...(log as unknown as ConfigLog),
    remotes: log["remotes"] ?? [],
  };
}

function objectOf(
  value: unknown,
  known: readonly string[],
  what: string,
  refuse: Refuse,
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(`${what} is no object`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw refuse(`${what} has ${JSON.stringify(unknown)}, which has no meaning`);
  return value as Readonly<Record<string, unknown>>;
}

function checkLimits(values: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  for (const key of limits) {
    const value = values[key];
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 1))
      throw refuse(`${key} is no whole number from 1`);
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isFrom(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}
