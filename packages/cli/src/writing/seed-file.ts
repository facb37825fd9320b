// `--seed-file` of `rlog init` and `rlog recover`: a seed that somebody brings along, in a file or on standard input.

import { stat } from "node:fs/promises";
import { isRemoteLogError } from "@remote-log/core";
import { seedFromWords } from "@remote-log/core/words";
import { CommandError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Hexadecimal digits of a seed. */
const DIGITS = 64;
/** The longest input that is read, in bytes: the digits or words, and white space around them. */
const LONGEST = 1024;

/**
 * Reads a seed: 64 hexadecimal digits, or 24 words, with white space around them or none. Warns if others may read the file. No message repeats
 * what was read.
 *
 * @param path - a file; `-` is standard input
 * @throws CommandError `ERR_SEED` if it holds anything else
 * @throws an error of the system, such as `ENOENT`
 */
export async function readSeedFile(invocation: Invocation, path: string): Promise<Uint8Array> {
  const text = (await readGiven(invocation, path)).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  if (/\p{L}\s+\p{L}/u.test(text)) return fromWords(path, text);
  const what =
    text === ""
      ? "it is empty"
      : /^[0-9a-f]*$/i.test(text)
        ? `it holds ${text.length}`
        : "it holds other characters";
  throw unusable(path, what);
}

function fromWords(path: string, text: string): Uint8Array {
  try {
    return seedFromWords(text);
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    throw new CommandError(
      "ERR_SEED",
      `${nameOf(path)} can't be used as a seed. ${error.message} Nothing was written.`,
      1,
    );
  }
}

async function readGiven(invocation: Invocation, path: string): Promise<string> {
  try {
    if (path === "-") return await readInput(LONGEST, invocation.signal);
    const text = await readText(path, LONGEST);
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      await invocation.warn(
        `rlog: others may read ${path} (mode ${(mode & 0o777).toString(8)}), and whoever has the seed can write the log: chmod 600.`,
      );
    }
    return text;
  } catch (error) {
    throw error instanceof UnusableFile ? unusable(path, error.message) : error;
  }
}

function unusable(path: string, why: string): CommandError {
  return new CommandError(
    "ERR_SEED",
    `${nameOf(path)} can't be used as a seed: ${why}, and a seed is ${DIGITS} hexadecimal digits (32 bytes), or 24 words. ` +
      "Nothing was written.",
    1,
  );
}

const nameOf = (path: string): string => (path === "-" ? "Standard input" : path);
