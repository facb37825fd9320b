// `rlog recover`: gets back from the remotes what a restored, damaged or lost journal does not have.

import { DeviceSeed, deviceSeed } from "@remote-log/core";
import { CommandError, usageError } from "../errors/command-error.ts";
import { type LogOptions, type LogPlace, logArgument } from "../reading/log-argument.ts";
import { adviceOn } from "../remotes/open-remotes.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { numbers } from "../writing/journal-files.ts";
import { WAIT_SECONDS } from "../writing/journal-lock.ts";
import { recoverFolder } from "../writing/recover-folder.ts";
import { endRotation } from "../writing/rotation-begun.ts";
import { checkInputs, readSeedFile } from "../writing/seed-file.ts";
import { isRecoverySeedOf, seedOfLog } from "../writing/seed-of-log.ts";
import { shownKeys } from "../writing/shown-keys.ts";
import type { WriterCommandOptions } from "../writing/with-writer.ts";
import { hasSeed, readConfig } from "../writing/writer-config.ts";
import { contextOf, putSeed } from "../writing/writer-folder.ts";

/** Options of `rlog recover`. */
export interface RecoverCommandOptions extends WriterCommandOptions, LogOptions {
  readonly acceptLoss?: boolean;
  /** Labels of remotes that are not asked. */
  readonly without?: readonly string[];
  /** Where the seed or the recovery words are, for a folder that has no seed, or an older one: a file, `env:NAME`, or `-`. */
  readonly seedFile?: string;
}

/** Adds the entries to the journal that the remotes have and the journal lacks. */
export async function recover(
  invocation: Invocation,
  text: string | undefined,
  options: RecoverCommandOptions,
): Promise<void> {
  const { dir, acceptLoss = false, without = [], seedFile, wait: seconds = WAIT_SECONDS } = options;
  const seeds = FolderSeeds.of(invocation, options);
  if (text === undefined && options.remote.length > 0)
    throw usageError(
      "--remote goes with LOG. The remotes of a log that has its config.json are named there.",
    );
  const log = text === undefined ? undefined : await logArgument(invocation, text, options);
  if (seedFile !== undefined) {
    checkInputs(options);
    await takeSeed(invocation, { dir, log, seeds, seedFile });
  }
  const onKept = (path: string): Promise<void> =>
    invocation.warn(`rlog: the journal as it was is in ${path}. Delete it when you need it no more.`);
  const waiting = { seconds, signal: invocation.signal };
  const folder = { log, without, counts: undefined, seeds, waiting, keep: acceptLoss, onKept };
  await recoverFolder(dir, folder, async (writer, { remotes }) => {
    for (const label of without) await invocation.warn(leftOut(label));
    try {
      const result = await writer.recover({ signal: invocation.signal, acceptLoss });
      await endRotation(dir);
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

interface TakingSeed {
  readonly dir: string;
  readonly log: LogPlace | undefined;
  readonly seeds: FolderSeeds;
  readonly seedFile: string;
}

/** Puts the seed that was given into the folder; or of the recovery words, what the device has of the log by them. */
async function takeSeed(invocation: Invocation, { dir, log, seeds, seedFile }: TakingSeed): Promise<void> {
  const held = (await hasSeed(dir)) ? await seeds.read(dir) : undefined;
  if (held instanceof DeviceSeed) return renewSeed(invocation, { dir, log, seeds, seedFile }, held);
  if (log === undefined)
    throw usageError("--seed-file goes with LOG: a folder with a config.json has its seed.");
  const given = await readSeedFile(invocation, seedFile, seeds.passphrase);
  const seed = await seedOfLog(given, log.logId, (first) => timesReplaced(invocation, log, first));
  if (seed instanceof DeviceSeed && given instanceof Uint8Array) await invocation.note(tellKept(seed));
  // What was sealed stays so, and a passphrase that is given is for the seed in the folder.
  await putSeed(dir, seed, await seeds.passphrase.known());
}

// The device has a seed of this log already, and the key of the log may have been replaced elsewhere since.
async function renewSeed(
  invocation: Invocation,
  { dir, log, seeds, seedFile }: TakingSeed,
  held: DeviceSeed,
): Promise<void> {
  const given = await readSeedFile(invocation, seedFile, seeds.passphrase);
  const { logId, remotes } = log ?? (await readConfig(dir));
  if (!(given instanceof Uint8Array) || !(await isRecoverySeedOf(held, given)))
    throw new CommandError(
      "ERR_SEED",
      `These are not the recovery words of the log whose seed ${dir} holds. Nothing was changed. Use those of this log, or another folder.`,
    );
  const replaced = await timesReplaced(invocation, { logId, remotes }, held);
  if (replaced <= held.generation) return;
  const seed = await deviceSeed(given, replaced);
  await seeds.replace(dir, seed);
  await invocation.note(tellKept(seed));
}

async function timesReplaced(
  invocation: Invocation,
  { logId, remotes }: Pick<LogPlace, "logId" | "remotes">,
  seed: DeviceSeed,
): Promise<number> {
  return (await shownKeys(invocation, logId, remotes, contextOf(seed, logId))).replaced;
}

function leftOut(label: string): string {
  const name = printable(label);
  return (
    `rlog: ${name} was not asked. If it shows entries that no other remote has, what is appended from now on contradicts them: readers who ` +
    `saw them find a fork, and publishing to ${name} is refused (ERR_CONFLICT). If it may come back, wait for it; if not, run rlog remote remove ${name}.`
  );
}

function tellKept({ generation }: DeviceSeed): string {
  const times = generation === 0 ? "never been replaced" : `been replaced ${counted(generation, "time")}`;
  return (
    `These are recovery words. The signing key of the log has ${times}; this device gets a seed that signs with it, and keeps nothing ` +
    "of the words. If another device was stolen, run rlog rotate-key now: whoever has it writes the log until then."
  );
}

const entries = (count: number): string => counted(count, "entry", "entries");
