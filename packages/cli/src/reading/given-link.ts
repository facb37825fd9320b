// A link that is not on the command line: others on the machine see that, and a link can hold a key.

import { CommandError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";

/** The longest text that is read, in bytes: a link has at most 32,768 characters. */
const LONGEST = 64 * 1024;

/**
 * The text that LOG stands for: itself, or with `-` what standard input holds, with `@FILE` what the file holds, with `env:NAME`
 * what the variable holds; each without white space around it. No message repeats what was read.
 *
 * @throws CommandError `ERR_LINK` if there is nothing, or too much
 * @throws an error of the system, such as `ENOENT`
 */
export async function givenLink(text: string, signal: AbortSignal): Promise<string> {
  const read = await readFrom(text, signal);
  if (read === undefined) return text;
  const link = read.trim();
  if (link !== "") return link;
  throw unusable(text, "it is empty");
}

async function readFrom(text: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    if (text === "-") return await readInput(LONGEST, signal);
    if (text.startsWith("@")) return await readText(text.slice(1), LONGEST);
  } catch (error) {
    throw error instanceof UnusableFile ? unusable(text, error.message) : error;
  }
  const [, variable] = /^env:(.+)$/.exec(text) ?? [];
  return variable === undefined ? undefined : (process.env[variable] ?? "");
}

function unusable(text: string, why: string): CommandError {
  const name = text === "-" ? "Standard input" : text.replace(/^@|^env:/, "");
  return new CommandError("ERR_LINK", `${name} holds no link: ${why}. rlog link prints one.`);
}
