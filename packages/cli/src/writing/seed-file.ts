// `rlog init --seed-file`: a seed that somebody brings along, in a file or on standard input.

import { stat } from "node:fs/promises";
import { CommandError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Hexadecimal digits of a seed. */
const DIGITS = 64;
/** The longest input that is read, in bytes: the digits, and white space around them. */
const LONGEST = 1024;

/**
 * Reads a seed: 64 hexadecimal digits, with white space around them or none. Warns if others may read the file. No message repeats
 * what was read.
 *
 * @param path - a file; `-` is standard input
 * @throws CommandError `ERR_SEED` if it holds anything else
 * @throws an error of the system, such as `ENOENT`
 */
export async function readSeedFile(invocation: Invocation, path: string): Promise<Uint8Array> {
  const text = (await readGiven(invocation, path)).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  const what =
    text === ""
      ? "it is empty"
      : /^[0-9a-f]*$/i.test(text)
        ? `it holds ${text.length}`
        : "it holds other characters";
  throw unusable(path, what);
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
  const name = path === "-" ? "Standard input" : path;
  return new CommandError(
    "ERR_SEED",
    `${name} can't be used as a seed: ${why}, and a seed is ${DIGITS} hexadecimal digits (32 bytes). Nothing was written.`,
    1,
  );
}
