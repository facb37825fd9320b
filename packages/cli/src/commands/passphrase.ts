// `rlog passphrase set` and `rlog passphrase remove`: the seed behind a passphrase, or without one.

import { join } from "node:path";
import { isSealedSeed } from "@remote-log/core/keyring";
import { CommandError, usageError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { keepingPlace } from "../writing/folder-place.ts";
import { FolderSeeds, replaceSeed, type WriterSeed } from "../writing/folder-seed.ts";
import { inTurn, WAIT_SECONDS } from "../writing/journal-lock.ts";
import { Passphrase } from "../writing/passphrase.ts";
import { readConfig, readOwn, SEED } from "../writing/writer-config.ts";
import { wordsFor } from "./words.ts";

/** Options of `rlog passphrase set` and `rlog passphrase remove`. */
export interface PassphraseOptions {
  readonly dir: string;
  /** Where the passphrase is that opens the seed now. */
  readonly passphraseFile?: string;
  /** Where the passphrase is that is to seal it. */
  readonly newPassphraseFile?: string;
  /** Seconds to wait for another process that uses the journal. */
  readonly wait?: number;
}

const COPIES = "Backups and copies of the folder from before still have it as it was.";

/** Seals the seed of a log with a passphrase, or with another one. */
export async function setPassphrase(invocation: Invocation, options: PassphraseOptions): Promise<void> {
  const { passphraseFile, newPassphraseFile } = options;
  if (passphraseFile === "-" && newPassphraseFile === "-")
    throw usageError("Standard input can hold the old passphrase or the new one, not both.");
  // All is asked for before anything is opened: what is typed during that is shown by the terminal.
  const text = await readText(options);
  const seeds = FolderSeeds.of(invocation, options);
  if (isSealedSeed(text)) await seeds.passphrase.get(join(options.dir, SEED));
  const passphrase = await new Passphrase(invocation, newPassphraseFile, "--new-passphrase-file").fresh();
  const seed = await seeds.read(options.dir);
  await replace(invocation, options, { text, seed, passphrase });
  const before = isSealedSeed(text) ? "with the new passphrase" : "with the passphrase";
  await invocation.note(
    `The seed is sealed ${before}: without it nobody can write the log. ${wordsFor(seed)} ${COPIES}`,
  );
}

/** Keeps the seed of a log without a passphrase. */
export async function removePassphrase(invocation: Invocation, options: PassphraseOptions): Promise<void> {
  const text = await readText(options);
  const seed = await FolderSeeds.of(invocation, options).read(options.dir);
  if (!isSealedSeed(text)) {
    await invocation.note("The seed has no passphrase: nothing was changed.");
    return;
  }
  await replace(invocation, options, { text, seed, passphrase: undefined });
  await invocation.note(
    "The seed is kept without a passphrase: whoever can read its file can write the log. The file is for its owner alone.",
  );
}

interface Replacement {
  /** What the file holds. */
  readonly text: string;
  readonly seed: WriterSeed;
  /** Default: the seed is kept without one. */
  readonly passphrase: string | undefined;
}

async function readText({ dir }: PassphraseOptions): Promise<string> {
  await readConfig(dir);
  return readOwn(dir, SEED);
}

async function replace(
  { signal }: Invocation,
  { dir, wait: seconds = WAIT_SECONDS }: PassphraseOptions,
  { text, seed, passphrase }: Replacement,
): Promise<void> {
  await inTurn(dir, { seconds, signal }, async () => {
    if ((await readOwn(dir, SEED)) !== text)
      throw new CommandError(
        "ERR_SEED",
        "Another command has changed the seed meanwhile. Nothing was changed.",
      );
    await keepingPlace(dir, () => replaceSeed(dir, seed, passphrase));
  });
}
