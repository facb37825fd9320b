// `rlog rotate-key`: replaces the key that signs the log, by its recovery words.

import { DeviceSeed, deviceSeed, type Writer } from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { checkPlace, notePlace } from "../writing/folder-place.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { publishAll } from "../writing/publish-all.ts";
import { beginRotation, endRotation, rotationBegun } from "../writing/rotation-begun.ts";
import { checkInputs, readRecoverySeed } from "../writing/seed-file.ts";
import { isRecoverySeedOf } from "../writing/seed-of-log.ts";
import { shownKeys } from "../writing/shown-keys.ts";
import { tellRemotes } from "../writing/tell-remotes.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";
import { readConfig, type WriterConfig } from "../writing/writer-config.ts";
import { contextOf } from "../writing/writer-folder.ts";
import { link } from "./link.ts";

/** Options of `rlog rotate-key`. */
export interface RotateKeyOptions extends WriterCommandOptions {
  /** Where the recovery words are: a file, `env:NAME`, or `-`. Default: they are asked for on a terminal. */
  readonly recoveryFile?: string;
}

/** Replaces the signing key of the log here, and publishes that. What was cut is finished by the same command. */
export async function rotateKey(invocation: Invocation, options: RotateKeyOptions): Promise<void> {
  const { dir, recoveryFile } = options;
  checkInputs(options);
  const { logId } = await readConfig(dir);
  const seeds = FolderSeeds.of(invocation, options);
  const held = await seeds.read(dir);
  if (!(held instanceof DeviceSeed)) throw noRecoveryWords(logId);
  const recoverySeed = await readRecoverySeed(invocation, recoveryFile, seeds.passphrase);
  if (!(await isRecoverySeedOf(held, recoverySeed))) {
    throw new CommandError(
      "ERR_SEED",
      `These are not the recovery words of log ${logId}. Nothing was changed. Look for those that rlog init printed for this log.`,
    );
  }
  const replaced = await withWriter(invocation, options, (writer, { config }) =>
    prepare(invocation, writer, { dir, config, seeds, held, recoverySeed }),
  );
  try {
    await withWriter(invocation, options, async (writer, { config, counts }) => {
      if (timesReplaced(writer) < replaced)
        await writer.rotateSigningKey(recoverySeed, { signal: invocation.signal });
      await invocation.note(
        `The signing key is replaced, for the ${ordinal(replaced)} time. What the key before it signs counts no more, from entry ` +
          `${writer.size} on.`,
      );
      if (config.remotes.length === 0) return endRotation(dir);
      await tellRemotes(dir, writer, config, { seeds });
      await publishAll(invocation, writer, { dir, counts });
    });
  } catch (error) {
    if ((await rotationBegun(dir)) !== undefined)
      await invocation.note(
        "It is not finished: run rlog rotate-key again. Until then, readers see the log as before.",
      );
    throw error;
  }
  await tellReaders(invocation, options);
}

/** The error for a log whose signing key can't be replaced. */
function noRecoveryWords(logId: string): CommandError {
  return new CommandError(
    "ERR_NO_RECOVERY",
    `Log ${logId} has no recovery words: its seed is all on this device, so whoever has that has everything. Nothing was changed. ` +
      "Start a new log with rlog init --recovery-words, and append there what matters.",
  );
}

interface Preparation {
  readonly dir: string;
  readonly config: WriterConfig;
  readonly seeds: FolderSeeds;
  readonly held: DeviceSeed;
  readonly recoverySeed: Uint8Array;
}

/**
 * Puts the next seed of the device into the folder. It signs with the present key until that is replaced.
 *
 * @returns how often the key will have been replaced
 */
async function prepare(invocation: Invocation, writer: Writer, preparation: Preparation): Promise<number> {
  const { dir, config, seeds, held, recoverySeed } = preparation;
  const before = timesReplaced(writer);
  const begun = await rotationBegun(dir);
  // All that is left is to publish it.
  if (begun !== undefined && before >= begun) return begun;
  if (begun === undefined) await checkPlace(invocation, dir, writer, config);
  if (config.remotes.length > 0) {
    const shown = await shownKeys(invocation, config.logId, config.remotes, contextOf(held, config.logId));
    if (shown.replaced > before) throw replacedElsewhere(config.logId);
    await tellOfOthers(invocation, writer, shown.most);
  }
  await beginRotation(dir, before + 1);
  await seeds.replace(dir, await deviceSeed(recoverySeed, before + 1));
  await notePlace(dir);
  return before + 1;
}

function replacedElsewhere(logId: string): CommandError {
  return new CommandError(
    "ERR_SUPERSEDED",
    `The signing key of log ${logId} has been replaced on another device. Nothing was changed here. To continue here, stop the other ` +
      "device, and run rlog recover --seed-file with the recovery words, then rlog rotate-key.",
    3,
  );
}

async function tellOfOthers(
  invocation: Invocation,
  { size }: Writer,
  most: { readonly size: number; readonly label: string } | undefined,
): Promise<void> {
  if (most === undefined || most.size <= size) return;
  await invocation.note(
    `${printable(most.label)} shows ${counted(most.size, "entry", "entries")}, and this device has ${size}: somebody else has the key. ` +
      "What is not of this device is no part of the log any more.",
  );
}

async function tellReaders(invocation: Invocation, { dir, passphraseFile }: RotateKeyOptions): Promise<void> {
  const { genesis, remotes } = await readConfig(dir);
  if (remotes.length > 0)
    await link(invocation, { dir, ...(passphraseFile !== undefined && { passphraseFile }) });
  if (genesis?.visibility === "private")
    await invocation.note(
      "The read key has changed as well: no link from before opens what follows. Give the new link to those who may continue to read. " +
        "Readers by name get the new key by themselves.",
    );
  await invocation.note(
    "Readers see it when they next look. Those who were shown what somebody else signed get ERR_SUPERSEDED, a proof of it, and the " +
      "log as it is.",
  );
}

function timesReplaced({ manifest }: Writer): number {
  return manifest?.successions.length ?? 0;
}

function ordinal(number: number): string {
  const ending =
    { 1: "st", 2: "nd", 3: "rd" }[number % 100 > 10 && number % 100 < 14 ? 0 : number % 10] ?? "th";
  return `${number}${ending}`;
}
