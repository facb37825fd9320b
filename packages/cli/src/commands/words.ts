// `rlog words`: prints the seed as 24 words, to write down.

import { seedToWords } from "@remote-log/core/words";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";

/** Options of `rlog words`. */
export interface WordsOptions {
  readonly dir: string;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

/** Prints the 24 words that stand for the seed of a log, six on a line. */
export async function words(invocation: Invocation, { dir, ...options }: WordsOptions): Promise<void> {
  const list = seedToWords(await FolderSeeds.of(invocation, options).read(dir)).split(" ");
  for (let at = 0; at < list.length; at += 6)
    await invocation.out.write(`${list.slice(at, at + 6).join(" ")}\n`);
  await invocation.note(
    "Whoever has these words can read and write the log. Write them down on paper. They bring the log back with: " +
      "rlog recover LINK --seed-file -",
  );
}
