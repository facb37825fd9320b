// `--seed-file` of `rlog init` and `rlog recover`, `--recovery-file` of `rlog rotate-key`: a seed that somebody brings along, in a
// file, a variable or on standard input. Never from the command line, which others on the machine can see.

import { isRemoteLogError } from "@remote-log/core";
import { isSealedSeed, openWriterSeed } from "@remote-log/core/keyring";
import { seedFromWords } from "@remote-log/core/words";
import { CommandError, usageError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { warnIfOpen } from "../files/warn-if-open.ts";
import { askSecret } from "../terminal/ask-secret.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { WriterSeed } from "./folder-seed.ts";
import type { Passphrase } from "./passphrase.ts";

/** Hexadecimal digits of a seed. */
const DIGITS = 64;
/** The longest input that is read, in bytes: the digits, the words, or a sealed seed, and white space around them. */
const LONGEST = 4096;

/**
 * Reads a seed: 64 hexadecimal digits, 24 words, what a writer's folder has of one, or one of these sealed, with white space around
 * it or none. Warns if others may read the file. No message repeats what was read.
 *
 * @param path - a file; `env:NAME` is a variable, `-` is standard input
 * @param passphrase - opens it if it is sealed
 * @throws CommandError `ERR_SEED` if it holds anything else, or if the passphrase is another one
 * @throws an error of the system, such as `ENOENT`
 */
export async function readSeedFile(
  invocation: Invocation,
  path: string,
  passphrase: Passphrase,
): Promise<WriterSeed> {
  const text = (await readGiven(invocation, path)).trim();
  if (isSealedSeed(text)) return opened(path, text, await passphrase.get(path));
  if (/^([0-9a-f]{64}|device-seed-v1:.*)$/i.test(text)) return opened(path, text);
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
 * Reads recovery words, or asks for them on a terminal.
 *
 * @param path - as {@link readSeedFile}; `undefined` if the command line does not say where they are
 * @returns the recovery seed, 32 bytes
 * @throws CommandError `ERR_SEED` if there are none, or there is nobody to ask
 */
export async function readRecoverySeed(
  invocation: Invocation,
  path: string | undefined,
  passphrase: Passphrase,
): Promise<Uint8Array> {
  if (path === undefined || (path === "-" && process.stdin.isTTY === true)) {
    const typed = await askSecret("Recovery words: ", invocation.signal);
    if (typed !== undefined) return fromWords("-", typed);
    throw new CommandError(
      "ERR_SEED",
      "The recovery words are needed: say where they are with --recovery-file, as a file, env:NAME, or - for standard input. Nothing " +
        "was changed.",
    );
  }
  const seed = await readSeedFile(invocation, path, passphrase);
  if (seed instanceof Uint8Array) return seed;
  throw unusable(path, "it holds the seed of a device, and the recovery words are needed");
}

/**
 * Checks that two secrets are not both to come from standard input.
 *
 * @throws CommandError `ERR_USAGE`
 */
export function checkInputs({
  seedFile,
  recoveryFile = seedFile,
  passphraseFile,
}: {
  readonly seedFile?: string;
  readonly recoveryFile?: string;
  readonly passphraseFile?: string;
}): void {
  if (recoveryFile === "-" && passphraseFile === "-")
    throw usageError("Standard input can hold the seed or the passphrase, not both.");
}

async function opened(path: string, text: string, passphrase?: string): Promise<WriterSeed> {
  const name = `the seed ${path === "-" ? "on standard input" : path}`;
  try {
    return await openWriterSeed(text, passphrase, { name });
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    if (error.reason === "not-a-seed")
      throw unusable(path, "it is damaged, or an age file with something else in it");
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
  const [, variable] = /^env:(.+)$/.exec(path) ?? [];
  if (variable !== undefined) return process.env[variable] ?? "";
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

const nameOf = (path: string): string => (path === "-" ? "Standard input" : path.replace(/^env:/, ""));
