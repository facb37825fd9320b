// How a name is kept, and how its newest value is found.

import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode, UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { syncFolder } from "./durable.ts";
import { errnoOf } from "./errors.ts";
import { isFile, isFolder } from "./read-file.ts";
import {
  formatRevision,
  incomplete,
  type NameRevision,
  parseRevision,
  readId,
  readValue,
  type ValueOptions,
} from "./revision.ts";

// How a name is kept, and why that is atomic.
//
//   <folder of the name>/first                    value of revision 1
//   <folder of the name>/<number>-<id>/value      value of that revision, as its writer prepared it
//   <folder of the name>/<number>-<id>/next       value of the revision after it
//
// To go from revision r to r + 1, a writer makes a folder `<r + 1>-<new random id>`, writes `value` in it, and
// makes a hard link to that as `next` in the folder of r. `link` fails if `next` exists, so of all who go from
// r exactly one wins, and the link is all that decides, as long as the folder of r is in its place. (For revision 1 the
// link is `first`, which is never removed.)
//
// 1. The folder of r exists if and only if r's writer made it, before r was won. It is never made again, since its
//    id is random, and `next` never leaves it: a revision that has been followed long ago is renamed away as a
//    whole, and only then emptied. So a slow writer who still goes from an old revision finds `next` (EEXIST) or no
//    folder (ENOENT), or links in a folder that it holds and that has been renamed away: nobody can find that, and so it looks
//    after the link whether the folder is still in its place. If it is, it was when the link was made.
// 2. Hence a revision is the newest at the moment at which its `next` is found missing, if its folder is seen to
//    exist after that. This is what readers check; a listing, which is no snapshot, is only where they start. If the
//    folder has gone meanwhile, they start again.
// 3. `next` is linked only after the value and the folder that it leads to are durable. So after a power cut a
//    `next` that is there leads to a folder that is there. A folder that was renamed away is emptied by a later update,
//    after an fsync that covers the renaming: it can't come back without its `next`.
// 4. A writer killed before the link leaves a folder that nothing leads to. Readers pass it by (it has no `next`),
//    and it is removed when its number is old. No clock and no process id is asked.

/** The file name of a value in the folder that its writer prepared. */
export const VALUE = "value";

/** The path of the file that a revision's successor, or the first revision (`undefined`), is linked as. */
export function pointerAfter(folder: string, revision: NameRevision | undefined): string {
  return revision === undefined ? join(folder, "first") : join(folder, formatRevision(revision), "next");
}

/** A revision, and the file that holds its value. */
interface Position {
  readonly revision: NameRevision;
  readonly pointer: string;
}

/** How often a reader starts again because writers moved on meanwhile. */
const ATTEMPTS = 1000;
/** How often a reader starts again although the same entries are there: then it is no writer that makes a folder go away. */
const UNCHANGED = 10;

/**
 * Finds the newest revision of the name kept in a folder (it was the newest at some moment during the call), reads
 * its content, and makes it durable.
 *
 * @returns `undefined` if there is none
 */
export async function readNewest(
  folder: string,
  options: ValueOptions & { readonly sync: boolean },
): Promise<{ readonly revision: NameRevision; readonly content: Uint8Array } | undefined> {
  const { signal, context } = options;
  let entries: readonly string[] = [];
  let unchanged = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const before = entries;
    entries = (await readdir(folder)).sort();
    const position = await findNewest(folder, entries, options);
    if (position === "absent") return undefined;
    if (position === "moved") {
      // Where writers move on, other entries appear.
      unchanged = entries.join() === before.join() ? unchanged + 1 : 0;
      if (unchanged === UNCHANGED) throw incomplete("the folder of a revision was missing", context);
      continue;
    }
    const value = await readValue(position.pointer, options);
    if (value?.id !== position.revision.id) continue;
    // Its writer may have been killed before this, and may rely on what it reads back here.
    if (options.sync && !(await syncIfThere(dirname(position.pointer), context))) continue;
    return { revision: position.revision, content: value.content };
  }
  throw new UnreachableError(
    `While ${context.action}, the name changed ${ATTEMPTS} times before its value could be read. Try again.`,
    { operation: context.operation },
  );
}

/** Makes a folder's entries durable; `false` if it has gone because the name moved on. */
async function syncIfThere(path: string, context: OperationContext): Promise<boolean> {
  try {
    await syncFolder(path, context);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    // A CD or an image of a disk can't sync, and has nothing to lose.
    if (hasCode(error, "ERR_UNSUPPORTED") && (await isReadOnly(path))) return true;
    throw error;
  }
}

/** Whether a folder is on a filesystem that is mounted read-only. */
async function isReadOnly(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === "EROFS";
  }
}

/**
 * Whether a revision is the newest one (it was at some moment during the call). `false` also for one that
 * never was.
 */
export async function isNewest(
  folder: string,
  revision: NameRevision,
  context: OperationContext,
): Promise<boolean> {
  const path = join(folder, formatRevision(revision));
  // In this order: see point 2 above.
  return !(await isFile(join(path, "next"), context)) && (await isFolder(path, context));
}

async function findNewest(
  folder: string,
  entries: readonly string[],
  options: ValueOptions,
): Promise<Position | "absent" | "moved"> {
  const { signal, context } = options;
  let position = await startOf(folder, entries, context);
  if (position === undefined) return "absent";
  for (;;) {
    signal?.throwIfAborted();
    const pointer = pointerAfter(folder, position.revision);
    const id = await readId(pointer, context);
    if (id !== undefined) {
      position = { revision: { number: position.revision.number + 1, id }, pointer };
    } else if (await isFolder(join(folder, formatRevision(position.revision)), context)) {
      return position;
    } else {
      await checkComplete(position, options);
      return "moved";
    }
  }
}

/** The highest revision that a listing shows to have been won; `undefined` if the name has none. */
async function startOf(
  folder: string,
  entries: readonly string[],
  context: OperationContext,
): Promise<Position | undefined> {
  const revisions = entries.map(parseRevision).filter((revision) => revision !== undefined);
  revisions.sort((a, b) => b.number - a.number);
  for (const revision of revisions) {
    if (!(await isFolder(join(folder, formatRevision(revision)), context))) continue;
    const pointer = pointerAfter(folder, revision);
    const id = await readId(pointer, context);
    if (id !== undefined) return { revision: { number: revision.number + 1, id }, pointer };
  }
  const pointer = pointerAfter(folder, undefined);
  const id = await readId(pointer, context);
  return id === undefined ? undefined : { revision: { number: 1, id }, pointer };
}

/**
 * Folders go away from the oldest on. So if a revision's folder is missing, what leads to it is, too, unless
 * its id is corrupt or a part of the folder has not arrived. (`first` stays for good and proves nothing.)
 */
async function checkComplete({ pointer, revision }: Position, options: ValueOptions): Promise<void> {
  const value = await readValue(pointer, options);
  if (value === undefined || revision.number === 1) return;
  throw incomplete(`revision ${revision.number} was found without its folder`, options.context);
}
