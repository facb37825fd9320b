// `rlog settings`: what a log does by itself, shown and changed.

import type { KeyRotation, Retention } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText } from "../terminal/terminal-text.ts";
import { inTurn, WAIT_SECONDS } from "../writing/journal-lock.ts";
import {
  type Bundling,
  checkCopies,
  readConfig,
  type WriterConfig,
  type WriterSettings,
  writeConfig,
} from "../writing/writer-config.ts";

/** How many entries, how old, or both. Neither: without a limit. */
export interface Limit {
  readonly entries?: number;
  readonly milliseconds?: number;
}

/** The options that say what a log does by itself. */
interface GivenSettings {
  readonly rotateReadKeyAfter?: Limit;
  readonly keepNewest?: Limit;
  readonly bundles?: Bundling | "default";
  readonly copies?: number | "all";
}

/** Options of `rlog settings`. */
export interface SettingsOptions extends GivenSettings {
  readonly dir: string;
  readonly json?: boolean;
  /** Seconds to wait for another process that uses the journal. */
  readonly wait?: number;
}

/** Changes what the options say, and shows all settings. Makes no request. */
export async function settings(invocation: Invocation, options: SettingsOptions): Promise<void> {
  const {
    dir,
    json,
    wait: seconds = WAIT_SECONDS,
    rotateReadKeyAfter,
    keepNewest,
    bundles,
    copies,
  } = options;
  const changes = [rotateReadKeyAfter, keepNewest, bundles, copies].some((one) => one !== undefined);
  // Nobody queues in a folder that holds no log.
  const before = await readConfig(dir);
  const config = changes
    ? await inTurn(dir, { seconds, signal: invocation.signal }, () => change(dir, options))
    : before;
  await invocation.out.write(json === true ? `${jsonText(asJson(config))}\n` : asText(config));
  if (keepNewest !== undefined && config.retention !== undefined)
    await invocation.note(
      "From the next rlog publish on, the contents of older entries are removed for good, here and on every remote.",
    );
  if (rotateReadKeyAfter !== undefined && config.rotateKey !== undefined)
    await invocation.note(
      "Readers by name get each new key. Whoever has a link needs a new one then: rlog link prints it.",
    );
}

/**
 * What `config.json` keeps of the options.
 *
 * @throws CommandError `ERR_USAGE` if the log is public, and has no read key
 */
export function settingsOf(
  { rotateReadKeyAfter, keepNewest, bundles, copies }: GivenSettings,
  { isPublic }: { readonly isPublic: boolean },
): WriterSettings {
  if (isPublic && rotateReadKeyAfter !== undefined)
    throw usageError("--rotate-read-key-after is for private logs: a public one has no read key.");
  const rotateKey = rotateReadKeyAfter && rotationOf(rotateReadKeyAfter);
  const retention: Retention | undefined = keepNewest;
  return {
    ...(isSet(rotateKey) && { rotateKey }),
    ...(isSet(retention) && { retention }),
    ...(bundles !== undefined && bundles !== "default" && { bundles }),
    ...(copies !== undefined && copies !== "all" && { copies }),
  };
}

async function change(dir: string, options: SettingsOptions): Promise<WriterConfig> {
  const { rotateKey, retention, bundles, copies, ...others } = await readConfig(dir);
  const changed: WriterConfig = {
    ...others,
    ...(options.rotateReadKeyAfter === undefined && rotateKey && { rotateKey }),
    ...(options.keepNewest === undefined && retention && { retention }),
    ...(options.bundles === undefined && bundles && { bundles }),
    ...(options.copies === undefined && copies && { copies }),
    ...settingsOf(options, { isPublic: others.genesis?.visibility === "public" }),
  };
  checkCopies(changed);
  await writeConfig(dir, changed);
  return changed;
}

function rotationOf({ entries, milliseconds }: Limit): KeyRotation {
  return {
    ...(entries !== undefined && { afterEntries: entries }),
    ...(milliseconds !== undefined && { afterMilliseconds: milliseconds }),
  };
}

function isSet<T extends object>(limit: T | undefined): limit is T {
  return limit !== undefined && Object.keys(limit).length > 0;
}

function asJson({ rotateKey, retention, bundles, copies }: WriterConfig): object {
  const { afterEntries: entries, afterMilliseconds: milliseconds } = rotateKey ?? {};
  return {
    rotateReadKeyAfter: rotateKey ? { entries, milliseconds } : null,
    keepNewest: retention ?? null,
    bundles: bundles ?? null,
    copies: copies ?? null,
  };
}

/** What is shown of who stores older pages together. */
const SHOWN_BUNDLING: Readonly<Record<Bundling, string>> = {
  writer: "older pages are stored together",
  off: "none: each page is stored by itself",
};

function asText({ rotateKey, retention, bundles, copies, remotes, genesis }: WriterConfig): string {
  const { afterEntries, afterMilliseconds } = rotateKey ?? {};
  const after = [
    ...(afterMilliseconds === undefined ? [] : [shownAge(afterMilliseconds)]),
    ...(afterEntries === undefined ? [] : [counted(afterEntries, "entry", "entries")]),
  ];
  const kept = [
    ...(retention?.entries === undefined
      ? []
      : [`the newest ${counted(retention.entries, "entry", "entries")}`]),
    ...(retention?.milliseconds === undefined
      ? []
      : [`what is at most ${shownAge(retention.milliseconds)} old`]),
  ];
  const byItself = after.length > 0 ? `changes after ${after.join(" or ")}` : "never changes by itself";
  const key = genesis?.visibility === "public" ? "none: the log is public" : byItself;
  const bundling = bundles === undefined ? "as this version does it" : SHOWN_BUNDLING[bundles];
  const published =
    copies === undefined ? "all remotes have" : `${copies} of ${counted(remotes.length, "remote")} have`;
  return [
    `read key  ${key}\n`,
    `kept      ${kept.join(", and ") || "everything"}\n`,
    `bundles   ${bundling}\n`,
    `copies    it is published when ${published} everything\n`,
  ].join("");
}

/** An age as it is given: in the largest unit of which it is a whole number. */
function shownAge(milliseconds: number): string {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  const [unit, length] = Object.entries(units).find(([, one]) => milliseconds % one === 0) ?? ["ms", 1];
  return `${milliseconds / length}${unit}`;
}
