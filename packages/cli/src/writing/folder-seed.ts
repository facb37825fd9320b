// `seed` in the writer's folder: the log's only key, as it is or sealed with a passphrase.

import { join } from "node:path";
import { isRemoteLogError } from "@remote-log/core";
import { isSealedSeed, openSeed, sealSeed } from "@remote-log/core/keyring";
import { CommandError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { writeNew } from "./durable-files.ts";
import { Passphrase } from "./passphrase.ts";
import { readOwn, SEED } from "./writer-config.ts";

type Run = Pick<Invocation, "signal" | "warn">;

/** Those of each run: its commands within a command must not ask again. */
const ofRuns = new WeakMap<Run, FolderSeeds>();

/** Opens the seeds of writers' folders in one run of `rlog`. One that is sealed is opened once, for that takes a second. */
export class FolderSeeds {
  /** The passphrase of the run. */
  readonly passphrase: Passphrase;
  #last: { readonly text: string; readonly seed: Uint8Array } | undefined;

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
   * Reads the seed of the log in a folder, 32 bytes.
   *
   * @throws CommandError `ERR_NO_LOG`, `ERR_CONFIG`; `ERR_SEED` if the passphrase is missing, another one, or not needed
   */
  async read(folder: string): Promise<Uint8Array> {
    const text = await readOwn(folder, SEED);
    if (this.#last?.text !== text) this.#last = { text, seed: await this.#open(join(folder, SEED), text) };
    return new Uint8Array(this.#last.seed);
  }

  async #open(path: string, text: string): Promise<Uint8Array> {
    try {
      const passphrase = isSealedSeed(text) ? await this.passphrase.get(path) : await this.passphrase.given();
      return await openSeed(text, passphrase, { name: `the seed ${path}` });
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      if (error.reason !== "not-a-seed") throw new CommandError("ERR_SEED", error.message, 1, error);
      throw new CommandError(
        "ERR_CONFIG",
        `${path} is damaged: it should hold 64 hexadecimal digits, or them in an age file. Restore it from a backup.`,
        1,
        error,
      );
    }
  }
}

/** Writes the seed of a folder that has none, sealed if there is a passphrase. */
export async function writeSeed(
  folder: string,
  seed: Uint8Array,
  passphrase: string | undefined,
): Promise<void> {
  const text =
    passphrase === undefined ? `${Buffer.from(seed).toString("hex")}\n` : await sealSeed(seed, passphrase);
  await writeNew(join(folder, SEED), text);
}
