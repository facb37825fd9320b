// `--seed-file` of `rlog init` and `rlog recover`: a seed that somebody brings along, in a file or on standard input.

import { isRemoteLogError } from "@remote-log/core";
import { isSealedSeed, openSeed } from "@remote-log/core/keyring";
import { seedFromWords } from "@remote-log/core/words";
import { CommandError, usageError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { warnIfOpen } from "../files/warn-if-open.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { Passphrase } from "./passphrase.ts";

/** Hexadecimal digits of a seed. */
const DIGITS = 64;
/** The longest input that is read, in bytes: the digits, the words, or a sealed seed, and white space around them. */
const LONGEST = 4096;

/**
 * Reads a seed: 64 hexadecimal digits, 24 words, or a sealed seed, with white space around them or none. Warns if others may read
 * the file. No message repeats what was read.
 *
 * @param path - a file; `-` is standard input
 * @param passphrase - opens it if it is sealed
 * @throws CommandError `ERR_SEED` if it holds anything else, or if the passphrase is another one
 * @throws an error of the system, such as `ENOENT`
 */
export async function readSeedFile(
  invocation: Invocation,
  path: string,
  passphrase: Passphrase,
): Promise<Uint8Array> {
  const text = (await readGiven(invocation, path)).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  if (isSealedSeed(text)) return fromSealed(path, text, passphrase);
  if (/\p{L}\s+\p{L}/u.test(text)) return fromWords(path, text);
  const what =
    text === ""
      ? "it is empty"
      : /^[0-9a-f]*$/i.test(text)
        ? `it holds ${text.length}`
        : "it holds other characters";
  throw unusable(path, what);
}

/**
 * Checks that two secrets are not both to come from standard input.
 *
 * @throws CommandError `ERR_USAGE`
 */
export function checkInputs({
  seedFile,
  passphraseFile,
}: {
  readonly seedFile?: string;
  readonly passphraseFile?: string;
}): void {
  if (seedFile === "-" && passphraseFile === "-")
    throw usageError("Standard input can hold the seed or the passphrase, not both.");
}

async function fromSealed(path: string, text: string, passphrase: Passphrase): Promise<Uint8Array> {
  const name = `the seed ${path === "-" ? "on standard input" : path}`;
  try {
    return await openSeed(text, await passphrase.get(path), { name });
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    if (error.reason === "not-a-seed")
      throw unusable(path, "it is a damaged age file, or one with something else in it");
    throw new CommandError("ERR_SEED", error.message, 1, error);
  }
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
    // A sealed one is of no use to others.
    if (!isSealedSeed(text)) await warnIfOpen(invocation, path, "whoever has the seed can write the log");
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
