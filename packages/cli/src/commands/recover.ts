// `rlog recover`: gets back from the remotes what a restored, damaged or lost journal does not have.

import { usageError } from "../errors/command-error.ts";
import { type LogOptions, logArgument } from "../reading/log-argument.ts";
import { adviceOn } from "../remotes/open-remotes.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { numbers } from "../writing/journal-files.ts";
import { WAIT_SECONDS } from "../writing/journal-lock.ts";
import { recoverFolder } from "../writing/recover-folder.ts";
import { checkInputs, readSeedFile } from "../writing/seed-file.ts";
import type { WriterCommandOptions } from "../writing/with-writer.ts";
import { putSeed } from "../writing/writer-folder.ts";

/** Options of `rlog recover`. */
export interface RecoverCommandOptions extends WriterCommandOptions, LogOptions {
  readonly acceptLoss?: boolean;
  /** A file with the seed, or `-` for standard input, for a folder that has none. */
  readonly seedFile?: string;
}

/** Adds the entries to the journal that the remotes have and the journal lacks. */
export async function recover(
  invocation: Invocation,
  text: string | undefined,
  options: RecoverCommandOptions,
): Promise<void> {
  const { dir, acceptLoss = false, seedFile, wait: seconds = WAIT_SECONDS } = options;
  const seeds = FolderSeeds.of(invocation, options);
  if (text === undefined && options.remote.length > 0)
    throw usageError(
      "--remote goes with LOG. The remotes of a log that has its config.json are named there.",
    );
  const log = text === undefined ? undefined : await logArgument(invocation, text, options);
  if (seedFile !== undefined) {
    if (log === undefined)
      throw usageError("--seed-file goes with LOG: a folder with a config.json has its seed.");
    checkInputs(options);
    const seed = await readSeedFile(invocation, seedFile, seeds.passphrase);
    // What was sealed stays so, and a passphrase that is given is for the seed in the folder.
    await putSeed(dir, seed, await seeds.passphrase.known());
  }
  const onKept = (path: string): Promise<void> =>
    invocation.warn(`rlog: the journal as it was is in ${path}. Delete it when you need it no more.`);
  const waiting = { seconds, signal: invocation.signal };
  const folder = { log, counts: undefined, seeds, waiting, keep: acceptLoss, onKept };
  await recoverFolder(dir, folder, async (writer, { remotes }) => {
    try {
      const result = await writer.recover({ signal: invocation.signal, acceptLoss });
      const { recovered, appendedAnew, size, lost } = result;
      if (lost !== undefined)
        await invocation.warn(`rlog: ${numbers(lost)} lost. The next entry gets number ${size}.`);
      if (recovered + appendedAnew === 0) {
        await invocation.note(
          `Nothing to recover: this device has everything that the remotes show, ${entries(size)}.`,
        );
        return;
      }
      await invocation.note(
        `Recovered ${entries(recovered)} from the remotes, and appended ${entries(appendedAnew)} of this device after them. ` +
          `The log has ${entries(size)}.`,
      );
    } catch (error) {
      for (const advice of adviceOn(remotes, error)) await invocation.note(advice);
      throw error;
    }
  });
  if (log !== undefined)
    await invocation.note(
      `The remotes of the log are in ${dir}/config.json now: check that you publish there.`,
    );
}

const entries = (count: number): string => counted(count, "entry", "entries");
