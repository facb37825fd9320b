// Whether a writer's folder is still the one in which its log was written last, or a copy of it, or restored from a backup.
//
// A copy is as old as it is, and journal and witness in it agree with each other: it would give out numbers that were given out
// since. So `place` in the folder notes which file the seed is: its number on the disk and the time at which it was made, which
// no copy shares. A folder that is elsewhere is compared with the remotes before anything is appended.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Writer } from "@remote-log/core";
import { readText } from "../files/read-text.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { replaceFile } from "./durable-files.ts";
import { SEED, type WriterConfig } from "./writer-config.ts";

const PLACE = "place";
/** What stands there if the seed was given. */
const GIVEN = "given seed";
/** The longest file that is read, in bytes. */
const LONGEST = 256;

/** Notes that the log of a folder is written here, and nowhere else. */
export async function notePlace(folder: string): Promise<void> {
  await replaceFile(folder, PLACE, `${await placeOf(folder)}\n`);
}

/** Notes that the log of a folder was begun with a seed that somebody brought along, which may have written a log before. */
export async function noteGivenSeed(folder: string): Promise<void> {
  await replaceFile(folder, PLACE, `${GIVEN}\n`);
}

/**
 * Replaces the seed of a folder. A log that was written here last still is, by the new file.
 *
 * @param replace - replaces the file
 */
export async function keepingPlace(folder: string, replace: () => Promise<void>): Promise<void> {
  const isHere = (await notedPlace(folder)) === (await placeOf(folder));
  await replace();
  if (isHere) await notePlace(folder);
}

/**
 * Compares a folder that was copied or restored with its remotes, before anything is appended in it. Makes no request if it is
 * where it was.
 *
 * @throws RestoredError `ERR_RESTORED`, ConflictError `ERR_CONFLICT` if a remote has more than the journal: nothing was appended
 */
export async function checkPlace(
  invocation: Invocation,
  folder: string,
  writer: Writer,
  { genesis, remotes }: WriterConfig,
): Promise<void> {
  const noted = await notedPlace(folder);
  if (noted === (await placeOf(folder))) return;
  // A folder of an earlier version has no place yet, and no settings in its configuration.
  if (noted === undefined && genesis === undefined) return notePlace(folder);
  const what =
    noted === GIVEN
      ? `the log in ${folder} was begun with a seed that was given`
      : `${folder} is a copy, or was restored from a backup`;
  const risk =
    noted === GIVEN
      ? "If the seed has written a log before, numbers are given out twice: use rlog recover then."
      : "If it is older than the original, numbers are given out twice.";
  const { unanswered } = await writer.compare({ signal: invocation.signal });
  if (unanswered.length === 0) {
    if (remotes.length === 0)
      await invocation.warn(`rlog: ${what}, and has no remote to compare it with. ${risk}`);
    return notePlace(folder);
  }
  await invocation.warn(
    `rlog: ${what}, and ${unanswered.join(", ")} could not be asked whether there are more entries. ${risk} It is asked again at ` +
      "the next append.",
  );
}

async function placeOf(folder: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(folder, SEED), { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

async function notedPlace(folder: string): Promise<string | undefined> {
  try {
    return (await readText(join(folder, PLACE), LONGEST)).trim();
  } catch {
    // Whatever is the matter with it: the remotes are asked.
    return undefined;
  }
}
