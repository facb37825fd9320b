// `rlog words`: prints the seed as 24 words, to write down.

import { DeviceSeed } from "@remote-log/core";
import { seedToWords } from "@remote-log/core/words";
import { CommandError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds, type WriterSeed } from "../writing/folder-seed.ts";

/** Options of `rlog words`. */
export interface WordsOptions {
  readonly dir: string;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

/** Prints the 24 words that stand for the seed of a log, six on a line. */
export async function words(invocation: Invocation, { dir, ...options }: WordsOptions): Promise<void> {
  const seed = await FolderSeeds.of(invocation, options).read(dir);
  if (seed instanceof DeviceSeed) throw noWords();
  await writeWords(invocation, seed);
  await invocation.note(
    "Whoever has these words can read and write the log. Write them down on paper. They bring the log back with: " +
      "rlog recover LINK --seed-file -",
  );
}

/** What brings a log back whose seed is sealed, if the passphrase is forgotten. */
export function wordsFor(seed: WriterSeed): string {
  const which = seed instanceof DeviceSeed ? "The recovery words" : "rlog words prints words that";
  return `${which} bring it back without.`;
}

/** Writes the words that stand for a seed, six on a line. */
export async function writeWords({ out }: Invocation, seed: Uint8Array): Promise<void> {
  const list = seedToWords(seed).split(" ");
  for (let at = 0; at < list.length; at += 6) await out.write(`${list.slice(at, at + 6).join(" ")}\n`);
}

function noWords(): CommandError {
  return new CommandError(
    "ERR_SEED",
    "This log has recovery words, and they are not on this device: rlog init printed them once. What the device has is a seed of its " +
      "own, which words do not stand for. If the words are lost, the signing key can't be replaced any more: start a new log.",
  );
}
