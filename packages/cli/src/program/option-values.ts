// Values of options: how they are parsed, and what is refused.

import type { EntryRange } from "@remote-log/core";
import { InvalidArgumentError, Option } from "commander";
import type { Limit } from "../commands/settings.ts";
import { WAIT_SECONDS } from "../writing/journal-lock.ts";
import { BUNDLING } from "../writing/writer-config.ts";

/** An option that may be given several times, with a remote each time. */
export function remotes(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

/** An option that may be given several times, with a file each time. */
export function files(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

/** An option that may be given several times, with a place each time that a link may lead to. */
export function trust(): Option {
  return new Option(
    "--trust <origin>",
    "use this place like your own, with credentials, though a link names it; may be given several times",
  )
    .argParser(collect)
    .default([], "RLOG_TRUST");
}

/** A value of an option that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number, 0 or more.");
}

/** A whole number from 1. */
export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError("It must be a whole number, 1 or more.");
}

/** Entries: a sequence number such as 7, or a range such as 7-12, both ends included. */
export function entryRange(text: string, before: readonly EntryRange[] = []): readonly EntryRange[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { first: Number(first), count: Number(last) - Number(first) + 1 };
  if (Number.isSafeInteger(range.first) && Number.isSafeInteger(range.count) && range.count >= 1)
    return [...before, range];
  throw new InvalidArgumentError("It must be the number of an entry, such as 7, or a range, such as 7-12.");
}

/** An age with its unit, such as 90m, 12h, 30d or 2w; the result is milliseconds. */
export function age(text: string): number {
  const [, number, unit = "d"] = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text) ?? [];
  const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
  const value = Math.round(Number(number) * units[unit as keyof typeof units]);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be an age with its unit, such as 90m, 12h, 30d or 2w.");
}

/** A number of entries such as 1000, or an age such as 30d; given twice, both hold. A word of its own ends the limit. */
function limit(none: string): (text: string, before?: Limit) => Limit {
  return (text, before = {}) => {
    if (text === none) return {};
    const [entries, milliseconds] = /^\d+$/.test(text) ? [Number(text), 1] : [1, age(text)];
    if (!Number.isSafeInteger(entries) || entries < 1 || milliseconds < 1)
      throw new InvalidArgumentError(
        `It must be a number of entries from 1, an age such as 30d, or ${none}.`,
      );
    return { ...before, ...(/^\d+$/.test(text) ? { entries } : { milliseconds }) };
  };
}

/** When the read key changes by itself. */
export function rotateReadKeyAfter(): Option {
  return new Option(
    "--rotate-read-key-after <age|count>",
    "change the read key by itself after an age, such as 30d, or a number of entries; given twice, by what comes first; or never",
  ).argParser(limit("never"));
}

/** How much is kept. */
export function keepNewest(): Option {
  return new Option(
    "--keep-newest <count|age>",
    "with each publish, remove for good all but the newest entries: a number of them, or up to an age, such as 30d; given twice, what " +
      "fits either is kept; or all",
  ).argParser(limit("all"));
}

/** A number of seconds, from 0.05 to a day. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.05 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a number of seconds from 0.05 to 86400.");
}

/** A number of hours, from 0.001 to 500. */
export function hours(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.001 && value <= 500) return value;
  throw new InvalidArgumentError("It must be a number of hours from 0.001 to 500.");
}

/** The folder of a log that is written here. */
export function writersFolder(): Option {
  return new Option("-d, --dir <folder>", "the writer's folder").default(
    process.env["RLOG_DIR"] || "./.rlog",
  );
}

/** Where the passphrase of the seed is. */
export function passphraseFile(): Option {
  return new Option(
    "--passphrase-file <path>",
    "the passphrase of the seed is in this file; env:NAME is a variable, - is standard input (default: asked for, if the seed has one)",
  );
}

/** Where the passphrase is that is to seal the seed from now on. */
export function newPassphraseFile(): Option {
  return new Option(
    "--new-passphrase-file <path>",
    "the passphrase to seal it with is in this file; env:NAME is a variable, - is standard input (default: asked for)",
  );
}

/** How long to wait for another process that uses the journal, in seconds: from 0 to a day. */
export function waiting(): Option {
  return new Option(
    "--wait <seconds>",
    `how long to wait for others that use the journal, in the order in which they came; 0 gives up at once (default ${WAIT_SECONDS})`,
  ).argParser((text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= 86_400) return value;
    throw new InvalidArgumentError("It must be a number of seconds from 0 to 86400.");
  });
}

/** A time with its unit, such as 500ms, 5s, 2m or 1h; a number alone is seconds. From 50 ms to a day; the result is milliseconds. */
export function duration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const value = Number(number) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit as "ms" | "s" | "m" | "h"];
  if (value >= 50 && value <= 86_400_000) return value;
  throw new InvalidArgumentError("It must be a time from 50ms to 24h, such as 500ms, 5s, 2m or 1h.");
}

/** On how many remotes the log has to be, or another word. */
export function copies(...others: readonly string[]): Option {
  const words = ["a whole number from 1", ...others].join(", or ");
  return new Option(
    "--copies <number>",
    "on how many of its remotes the log has to be to count as published (default: on all)",
  ).argParser((text) => {
    if (others.includes(text)) return text;
    if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
    throw new InvalidArgumentError(`It must be ${words}.`);
  });
}

/** Who stores older pages together, or another word. */
export function bundles(...others: readonly string[]): Option {
  return new Option(
    "--bundles <who>",
    "who stores older pages together, so that all is read with fewer requests: the writer, or nobody (off)",
  ).choices([...BUNDLING, ...others]);
}

/** What identifies an entry. */
export function identifiers(): Option {
  return new Option("--identifiers <kind>", "what identifies an entry (default sha256)").choices([
    "sha256",
    "mvds",
  ]);
}
