// Values of options: how they are parsed, and what is refused.

import { InvalidArgumentError, Option } from "commander";

/** An option that may be given several times, with a remote each time. */
export function remotes(flags: string, description: string): Option {
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

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number, 0 or more.");
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
