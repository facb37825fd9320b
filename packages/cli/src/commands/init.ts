// `rlog init`: starts a log.

import { deviceSeed, type GenesisSettings, generateSeed } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { writeIgnoreFile } from "../writing/ignore-file.ts";
import { checkInputs, readSeedFile } from "../writing/seed-file.ts";
import { type Bundling, checkCopies } from "../writing/writer-config.ts";
import { createWriterFolder } from "../writing/writer-folder.ts";
import { type Limit, settingsOf } from "./settings.ts";
import { wordsFor, writeWords } from "./words.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
  /** A file with the seed to use, or `-` for standard input. Default: a new seed. */
  readonly seedFile?: string;
  /** Whether the device gets a seed of its own, and the recovery seed is printed as words. Default: all keys are on the device. */
  readonly recoveryWords?: boolean;
  /** Where the passphrase is to seal the seed with: a file, `env:NAME`, or `-`. Default: it is kept as it is. */
  readonly passphraseFile?: string;
  /** When the read key changes by itself. Default: never. */
  readonly rotateReadKeyAfter?: Limit;
  /** How much is kept. Default: everything. */
  readonly keepNewest?: Limit;
  /** Whether older pages are stored together. Default: as this version does it. */
  readonly bundles?: Bundling;
  /** On how many of the remotes it has to be to count as published. Default: on all. */
  readonly copies?: number;
  /** Whether storage, and everybody who reaches it, may read the contents. */
  readonly public?: boolean;
  /** Whether contents are padded before they are sealed. Default: they are. */
  readonly padding?: boolean;
}

/** Starts a log and prints its id. */
export async function init(invocation: Invocation, options: InitOptions): Promise<void> {
  const { dir, leafSize, identifiers, seedFile, public: isPublic = false, padding = true } = options;
  if (isPublic && !padding) throw usageError("--no-padding is for private logs: a public one pads nothing.");
  const own = settingsOf(options, { isPublic });
  const settings: Partial<GenesisSettings> = {
    visibility: isPublic ? "public" : "private",
    ...(!padding && { padding: "none" }),
    ...(leafSize !== undefined && { leafSize }),
    ...(identifiers !== undefined && { identifiers }),
  };
  if (options.recoveryWords === true && seedFile !== undefined)
    throw usageError("--recovery-words makes a new seed: leave --seed-file out.");
  const places = options.remote.map(givenRemote);
  checkCopies({ ...own, remotes: places });
  checkInputs(options);
  const { passphrase: secret } = FolderSeeds.of(invocation, options);
  const recoverySeed = options.recoveryWords === true ? generateSeed() : undefined;
  const seed =
    recoverySeed !== undefined
      ? await deviceSeed(recoverySeed)
      : seedFile === undefined
        ? generateSeed()
        : await readSeedFile(invocation, seedFile, secret);
  const passphrase = await secret.given({ isNew: true });
  const isNew = seedFile === undefined;
  const given = { ...own, seed, passphrase, isNew };
  const { logId, remotes } = await createWriterFolder(dir, places, settings, given);
  await invocation.out.write(`${logId}\n`);
  if (recoverySeed !== undefined) await tellRecoveryWords(invocation, recoverySeed);
  await invocation.note(
    recoverySeed === undefined
      ? `The log is in ${dir}. Keep the folder safe: the seed in it is the log's only key.`
      : `The log is in ${dir}. Keep the folder safe: whoever has the seed in it writes the log, until you replace its key.`,
  );
  if (passphrase !== undefined)
    await invocation.note(
      `The seed is sealed: without the passphrase nobody can write the log. ${wordsFor(seed)}`,
    );
  if (!(await writeIgnoreFile(dir)))
    await invocation.warn(`rlog: ${dir}/.gitignore was there and does not name the seed: add /seed to it.`);
  await invocation.note(
    isPublic
      ? "It is public: whoever reaches a remote can read all entries, and see how many there are and when they came."
      : "It is private: remotes see how many entries there are, how long, and when they came, and not what they say.",
  );
  await invocation.note(
    remotes.length === 0
      ? "It has no remote yet: add one with rlog remote add."
      : "After the first publish, others can read it with what rlog link prints.",
  );
}

// The only time that they are shown.
async function tellRecoveryWords(invocation: Invocation, recoverySeed: Uint8Array): Promise<void> {
  await writeWords(invocation, recoverySeed);
  await invocation.warn(
    "rlog: these are the recovery words of the log. Write them on paper now: they are not on this device, and are not shown again. If " +
      "the device or its seed is stolen, rlog rotate-key replaces the key of the log with them, and shuts the thief out; without them " +
      "nobody can. They also bring the log back on another device: rlog recover LINK --seed-file -",
  );
}
