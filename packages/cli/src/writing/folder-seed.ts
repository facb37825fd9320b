// `seed` in the writer's folder: the log's only key, or what this device has of its keys; as it is or sealed with a passphrase.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type DeviceSeed, isRemoteLogError } from "@remote-log/core";
import {
  isSealedSeed,
  openWriterSeed,
  type SealSeedOptions,
  sealSeed,
  seedText,
} from "@remote-log/core/keyring";
import { CommandError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { replaceFile, writeNew } from "./durable-files.ts";
import { keepingPlace } from "./folder-place.ts";
import { Passphrase } from "./passphrase.ts";
import { readOwn, SEED } from "./writer-config.ts";

/** What a writer's folder keeps: a seed, 32 bytes; or the seed of a device, if the log has recovery words. */
export type WriterSeed = Uint8Array | DeviceSeed;

type Run = Pick<Invocation, "signal" | "warn">;

/** Those of each run: its commands within a command must not ask again. */
const ofRuns = new WeakMap<Run, FolderSeeds>();

/** Opens the seeds of writers' folders in one run of `rlog`. One that is sealed is opened once, for that takes a second. */
export class FolderSeeds {
  /** The passphrase of the run. */
  readonly passphrase: Passphrase;
  #last: { readonly text: string; readonly seed: WriterSeed } | undefined;

  /** Those of a run of `rlog`: the same ones each time. */
  static of(run: Run, options: { readonly passphraseFile?: string | undefined }): FolderSeeds {
    const known = ofRuns.get(run);
    if (known !== undefined) return known;
    const made = new FolderSeeds(run, options);
    ofRuns.set(run, made);
    return made;
  }

  /** @param options - where the passphrase is; default: it is asked for on a terminal if it is needed */
  constructor(invocation: Run, { passphraseFile }: { readonly passphraseFile?: string | undefined }) {
    this.passphrase = new Passphrase(invocation, passphraseFile);
  }

  /**
   * Reads the seed of the log in a folder.
   *
   * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`; `ERR_SEED` if the passphrase is missing, another one, or not needed
   */
  async read(folder: string): Promise<WriterSeed> {
    const text = await readOwn(folder, SEED);
    if (this.#last?.text !== text) this.#last = { text, seed: await this.#open(join(folder, SEED), text) };
    const { seed } = this.#last;
    return seed instanceof Uint8Array ? new Uint8Array(seed) : seed;
  }

  /**
   * Writes another seed in place of the one in a folder: sealed with the same passphrase, if that was.
   *
   * @throws CommandError as {@link FolderSeeds.read}
   */
  async replace(folder: string, seed: WriterSeed): Promise<void> {
    const text = await readOwn(folder, SEED);
    const path = join(folder, SEED);
    const passphrase = isSealedSeed(text) ? await this.passphrase.get(path) : undefined;
    await keepingPlace(folder, () => replaceSeed(folder, seed, passphrase));
  }

  async #open(path: string, text: string): Promise<WriterSeed> {
    try {
      const passphrase = isSealedSeed(text) ? await this.passphrase.get(path) : await this.passphrase.given();
      return await openWriterSeed(text, passphrase, { name: `the seed ${path}` });
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      if (error.reason !== "not-a-seed") throw new CommandError("ERR_SEED", error.message, 1, error);
      throw new CommandError(
        "ERR_CONFIG",
        `${path} is damaged: it should hold 64 hexadecimal digits or the seed of a device, as they are or in an age file. Restore it from a backup.`,
        1,
        error,
      );
    }
  }
}

/** Writes the seed of a folder that has none, sealed if there is a passphrase. */
export async function writeSeed(
  folder: string,
  seed: WriterSeed,
  passphrase: string | undefined,
): Promise<void> {
  await writeNew(join(folder, SEED), await textOf(seed, passphrase));
}

/**
 * Writes the seed of a folder anew, sealed if there is a passphrase. Whatever cuts it, the file is there, as it was or as it is to be:
 * without it nobody can write the log.
 *
 * @param options - how much work it is to be to open it
 */
export async function replaceSeed(
  folder: string,
  seed: WriterSeed,
  passphrase: string | undefined,
  options: SealSeedOptions = {},
): Promise<void> {
  const text = await textOf(seed, passphrase, options);
  // What can't be opened again must not take the place of what can.
  const opened = await openWriterSeed(text, passphrase);
  if (seedText(opened) !== seedText(seed)) throw new Error("A sealed seed was opened, and is another.");
  await replaceFile(folder, SEED, text);
  // A run that was cut may have left the seed as it was not to be kept any more.
  const left = (await readdir(folder)).filter((name) => /^seed\.\d+\.new$/.test(name));
  for (const name of left) await rm(join(folder, name), { force: true });
}

async function textOf(
  seed: WriterSeed,
  passphrase: string | undefined,
  options: SealSeedOptions = {},
): Promise<string> {
  return passphrase === undefined ? `${seedText(seed)}\n` : sealSeed(seed, passphrase, options);
}
