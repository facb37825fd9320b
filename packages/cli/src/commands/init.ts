// `rlog init`: starts a log.

import type { GenesisSettings } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { writeIgnoreFile } from "../writing/ignore-file.ts";
import { checkInputs, readSeedFile } from "../writing/seed-file.ts";
import { createWriterFolder } from "../writing/writer-folder.ts";
import { type Limit, settingsOf } from "./settings.ts";

/** Options of `rlog init`. */
export interface InitOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly leafSize?: number;
  readonly identifiers?: "sha256" | "mvds";
  /** A file with the seed to use, or `-` for standard input. Default: a new seed. */
  readonly seedFile?: string;
  /** Where the passphrase is to seal the seed with: a file, `env:NAME`, or `-`. Default: it is kept as it is. */
  readonly passphraseFile?: string;
  /** When the read key changes by itself. Default: never. */
  readonly rotateReadKeyAfter?: Limit;
  /** How much is kept. Default: everything. */
  readonly keepNewest?: Limit;
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
  const places = options.remote.map(givenRemote);
  checkInputs(options);
  const { passphrase: secret } = FolderSeeds.of(invocation, options);
  const seed = seedFile === undefined ? undefined : await readSeedFile(invocation, seedFile, secret);
  const passphrase = await secret.given({ isNew: true });
  const { logId, remotes } = await createWriterFolder(dir, places, settings, { ...own, seed, passphrase });
  await invocation.out.write(`${logId}\n`);
  await invocation.note(`The log is in ${dir}. Keep the folder safe: the seed in it is the log's only key.`);
  if (passphrase !== undefined)
    await invocation.note(
      "The seed is sealed: without the passphrase nobody can write the log. rlog words prints words that bring it back without.",
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
