// `rlog init --seed-file`: a seed that somebody brings along, in a file or on standard input.

import { stat } from "node:fs/promises";
import { CommandError } from "../errors/command-error.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { LineTooLong, readWhole } from "./lines.ts";

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
  const text = (path === "-" ? await readInput(invocation.signal) : await readFile(invocation, path)).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  const what =
    text === ""
      ? "it is empty"
      : /^[0-9a-f]*$/i.test(text)
        ? `it holds ${text.length}`
        : "it holds other characters";
  throw unusable(path, what);
}

async function readFile(invocation: Invocation, path: string): Promise<string> {
  try {
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

async function readInput(signal: AbortSignal): Promise<string> {
  const input = process.stdin;
  const stop = (): void => {
    input.destroy(signal.reason as Error);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return new TextDecoder().decode(await readWhole(input as AsyncIterable<Uint8Array>, LONGEST));
  } catch (error) {
    throw error instanceof LineTooLong ? unusable("-", `it holds more than ${LONGEST} bytes`) : error;
  } finally {
    signal.removeEventListener("abort", stop);
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
