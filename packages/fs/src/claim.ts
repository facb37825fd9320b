// Winning the next revision of a name, and cleaning up behind it.

import { link, mkdir, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { isNewest, pointerAfter, VALUE } from "./chain.ts";
import { whenFilesAreFree } from "./descriptors.ts";
import { type WriteOptions, writeNewFile } from "./durable.ts";
import { errnoOf, fromLinkErrno } from "./errors.ts";
import { type HeldFolder, holdFolder, releasing } from "./held-folder.ts";
import { isFile, isFolder } from "./read-file.ts";
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
 * @param folder - the folder of the name, which is durable
 * @returns the new revision; `undefined` if the name does not hold `expected`, and was left as it is
 */
export async function claim(
  folder: HeldFolder,
  expected: NameRevision | undefined,
  content: Uint8Array,
  options: WriteOptions,
): Promise<NameRevision | undefined> {
  // If the folder of the expected revision has gone, the name moved on from it long ago.
  const before =
    expected === undefined ? folder : await holdFolder(join(folder.path, formatRevision(expected)));
  if (before === undefined) return undefined;
  return releasing([before === folder ? undefined : before], () =>
    claimAfter(folder, before, expected, content, options),
  );
}

/** @param before - the folder of the expected revision; of the name itself if none is expected */
async function claimAfter(
  folder: HeldFolder,
  before: HeldFolder,
  expected: NameRevision | undefined,
  content: Uint8Array,
  options: WriteOptions,
): Promise<NameRevision | undefined> {
  const { sync, signal, context } = options;
  const revision = newRevision((expected?.number ?? 0) + 1);
  const name = formatRevision(revision);
  const pointer = join(before.path, basename(pointerAfter(folder.path, expected)));
  const isHeld = (): Promise<boolean> => holds(folder.path, expected, context);
  let prepared: HeldFolder | undefined;
  let remains: Remains;
  try {
    await mkdir(join(folder.path, name));
    prepared = await holdFolder(join(folder.path, name));
    if (prepared === undefined) return undefined;
    await writeNewFile(join(prepared.path, VALUE), encodeValue(revision, content), options);
    // Listed before the fsync: what was renamed away by now can't come back after it.
    remains = await remainsIn(folder.path);
    if (sync) await folder.sync(context);
    signal?.throwIfAborted();
  } catch (error) {
    await prepared?.close();
    await removeFolder(folder, name);
    // A stopped writer's folder is cleaned away once the others are far ahead.
    if (errnoOf(error) === "ENOENT" && !(await isHeld())) return undefined;
    throw error;
  }
  const remove = (): Promise<void> => removeFolder(folder, name);
  const counts = (): Promise<boolean> =>
    expected === undefined ? Promise.resolve(true) : decides(folder, expected, { name, prepared }, context);
  const won = await releasing([prepared], () =>
    linkNext(join(prepared.path, VALUE), pointer, revision, { isHeld, counts, remove, context }),
  );
  if (!won) {
    await remove();
    return undefined;
  }
  if (sync) await before.sync(context);
  await cleanUp(folder, remains, revision);
  return revision;
}

/**
 * Whether a link in the folder of the expected revision decides. That folder is held, so the link reaches it also after it was
 * renamed away, and emptied of the link that had decided: nobody finds what is linked there then.
 *
 * @throws UnreachableError `ERR_UNREACHABLE` if nothing is left that could tell
 */
async function decides(
  folder: HeldFolder,
  expected: NameRevision,
  { name, prepared }: { readonly name: string; readonly prepared: HeldFolder },
  context: OperationContext,
): Promise<boolean> {
  // It is never made again. So if it is there now, it was when the link was made.
  if (await isFolder(join(folder.path, formatRevision(expected)), context)) return true;
  // It has gone. Either it had gone before the link, or others went on from this very revision, at least twice: then they
  // linked what follows in the prepared folder, which keeps it until it is itself renamed away.
  if (await isFile(join(prepared.path, "next"), context)) return true;
  if (await isFolder(join(folder.path, name), context)) return false;
  throw new UnreachableError(
    `While ${context.action}, the name moved on so far that nothing tells any more whether this update was a part of that. Read the name.`,
    { operation: context.operation },
  );
}

/**
 * Makes the link that decides. Whatever it answers, reading back settles whether this revision has won: an error may
 * come after the effect, and a network filesystem may report a link that it made itself as one that was there.
 *
 * @returns `false` if another has won
 */
async function linkNext(
  value: string,
  pointer: string,
  revision: NameRevision,
  {
    isHeld,
    counts,
    remove,
    context,
  }: {
    readonly isHeld: () => Promise<boolean>;
    readonly counts: () => Promise<boolean>;
    readonly remove: () => Promise<void>;
    readonly context: OperationContext;
  },
): Promise<boolean> {
  try {
    await link(value, pointer);
  } catch (error) {
    // Once a link was tried, only reading says what came of it: the update may not begin again.
    const id = await whenFilesAreFree(undefined, () => readId(pointer, context));
    if (id === revision.id) return counts();
    if (id !== undefined) return false;
    const code = errnoOf(error);
    if ((code === "EEXIST" || code === "ENOENT") && !(await isHeld())) return false;
    const mapped = fromLinkErrno(error, context);
    // While the link may still take effect, what it leads to has to stay.
    if (!(mapped instanceof UnreachableError)) await remove();
    throw mapped;
  }
  return counts();
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
async function cleanUp(folder: HeldFolder, remains: Remains, won: NameRevision): Promise<void> {
  try {
    for (const name of remains.trash) await removeFolder(folder, name);
    const old = remains.revisions.filter((revision) => revision.number < won.number - KEPT);
    old.sort((a, b) => a.number - b.number);
    for (const revision of old) {
      const name = formatRevision(revision);
      await rename(join(folder.path, name), join(folder.path, TRASH + name)).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error;
      });
    }
  } catch {
    // Readers need the oldest to go first, so that the first failure ends it.
  }
}

/** Removes the folder of one revision, if it can. Whatever else has its name is left alone. */
async function removeFolder(folder: HeldFolder, name: string): Promise<void> {
  const path = join(folder.path, name);
  try {
    // What can't be opened, for want of a file for instance, is removed only if it is an empty folder.
    const held = await holdFolder(path).catch(() => undefined);
    if (held !== undefined) {
      await releasing([held], async () => {
        await unlink(join(held.path, VALUE)).catch(() => undefined);
        await unlink(join(held.path, "next")).catch(() => undefined);
      });
    }
    await rmdir(path);
  } catch {
    // The next update tries again.
  }
}
