// Winning the next revision of a name, and cleaning up behind it.

import { link, mkdir, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { isNewest, pointerAfter, syncIfThere, VALUE } from "./chain.ts";
import { syncFolder, type WriteOptions, writeNewFile } from "./durable.ts";
import { errnoOf, fromLinkErrno } from "./errors.ts";
import { isFile } from "./read-file.ts";
import {
  encodeValue,
  formatRevision,
  type NameRevision,
  newRevision,
  parseRevision,
  readId,
} from "./revision.ts";

/** Revisions that stay besides the newest one: its predecessor leads to it, one more is slack for readers. */
const KEPT = 2;

const TRASH = ".trash-";

/** What there is to clean up in the folder of a name. */
interface Remains {
  /** Folders that were renamed away already. */
  readonly trash: readonly string[];
  readonly revisions: readonly NameRevision[];
}

/**
 * Whether the name kept in a folder holds the expected revision (`undefined`: none at all), at some moment
 * during the call.
 */
export async function holds(
  folder: string,
  expected: NameRevision | undefined,
  context: OperationContext,
): Promise<boolean> {
  return expected === undefined
    ? !(await isFile(pointerAfter(folder, undefined), context))
    : isNewest(folder, expected, context);
}

/**
 * Makes a content the value after the expected revision. See `chain.ts` for the argument.
 *
 * @param folder - the folder of the name, which is there and durable
 * @returns the new revision; `undefined` if the name does not hold `expected`, and was left as it is
 */
export async function claim(
  folder: string,
  expected: NameRevision | undefined,
  content: Uint8Array,
  options: WriteOptions,
): Promise<NameRevision | undefined> {
  const { sync, signal, context } = options;
  const revision = newRevision((expected?.number ?? 0) + 1);
  const prepared = join(folder, formatRevision(revision));
  const pointer = pointerAfter(folder, expected);
  let remains: Remains;
  try {
    await mkdir(prepared);
    await writeNewFile(join(prepared, VALUE), encodeValue(revision, content), options);
    // Listed before the fsync: what was renamed away by now can't come back after it.
    remains = await remainsIn(folder);
    if (sync) await syncFolder(folder, context);
    signal?.throwIfAborted();
  } catch (error) {
    await removeFolder(prepared);
    // A stopped writer's folder is cleaned away once the others are far ahead.
    if (errnoOf(error) === "ENOENT" && !(await holds(folder, expected, context))) return undefined;
    throw error;
  }
  if (!(await linkNext(prepared, pointer, revision, () => holds(folder, expected, context), context))) {
    await removeFolder(prepared);
    return undefined;
  }
  // If that folder has gone, the name moved on from this revision, and what came after it is durable.
  if (sync) await syncIfThere(dirname(pointer), context);
  await cleanUp(folder, remains, revision);
  return revision;
}

/**
 * Makes the link that decides. Whatever it answers, reading back settles whether this revision has won: an error may
 * come after the effect, and a network filesystem may report a link that it made itself as one that was there.
 *
 * @returns `false` if another has won
 */
async function linkNext(
  prepared: string,
  pointer: string,
  revision: NameRevision,
  isHeld: () => Promise<boolean>,
  context: OperationContext,
): Promise<boolean> {
  try {
    await link(join(prepared, VALUE), pointer);
    return true;
  } catch (error) {
    const id = await readId(pointer, context);
    if (id !== undefined) return id === revision.id;
    const code = errnoOf(error);
    if ((code === "EEXIST" || code === "ENOENT") && !(await isHeld())) return false;
    const mapped = fromLinkErrno(error, context);
    // While the link may still take effect, what it leads to has to stay.
    if (!(mapped instanceof UnreachableError)) await removeFolder(prepared);
    throw mapped;
  }
}

async function remainsIn(folder: string): Promise<Remains> {
  const names = await readdir(folder);
  return {
    trash: names.filter((name) => name.startsWith(TRASH)),
    revisions: names.map(parseRevision).filter((revision) => revision !== undefined),
  };
}

/**
 * Renames away what is older than the kept revisions, from the oldest on, and empties what an earlier update
 * renamed away. Best effort: the update has succeeded, and the next one tries again.
 */
async function cleanUp(folder: string, remains: Remains, won: NameRevision): Promise<void> {
  try {
    for (const name of remains.trash) await removeFolder(join(folder, name));
    const old = remains.revisions.filter((revision) => revision.number < won.number - KEPT);
    old.sort((a, b) => a.number - b.number);
    for (const revision of old) {
      const name = formatRevision(revision);
      await rename(join(folder, name), join(folder, TRASH + name)).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error;
      });
    }
  } catch {
    // Readers need the oldest to go first, so that the first failure ends it.
  }
}

/** Removes the folder of one revision, if it can. */
async function removeFolder(path: string): Promise<void> {
  await unlink(join(path, VALUE)).catch(() => undefined);
  await unlink(join(path, "next")).catch(() => undefined);
  await rmdir(path).catch(() => undefined);
}
