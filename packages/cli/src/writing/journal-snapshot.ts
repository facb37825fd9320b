// A snapshot of the journal of a writer's folder, so that it can be read while its writer is at work.
//
// LevelDB lets one process in at a time. So what it has on disk is copied as a crash at this moment would leave it: tables, which never
// change, by hard links, and the log and the manifest, which only grow, up to the length that they have now. The logs are
// synced first: what a snapshot shows is durable. If the manifest or the set of logs has changed meanwhile, the copy may mix two
// states, and is made again. The witness is copied before the rest, and whoever opens the snapshot compares the two: entries that
// were acknowledged by then are there, under the same root, or the snapshot is refused.
//
// Nothing that LevelDB does with the copy may reach the original through a link. It never changes a table, but it makes new ones,
// under the next free number that the manifest states, and the writer may be making a table with that very number now: a link to it
// would be written through. So the logs of the copy get numbers far above those of the writer, after an empty one with a lower
// number: whatever LevelDB makes after it has read that one gets a higher number still.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { delay } from "@remote-log/core/adapter";
import { CommandError } from "../errors/command-error.ts";
import { JOURNAL, WITNESS } from "./journal-files.ts";

/** What is added to the numbers of logs in a copy. No writer ever counts as far. */
const FAR_ABOVE = 10n ** 15n;

/** How snapshots are called that are made in the writer's folder. */
const NAME = ".snapshot-";
/** A snapshot that is older was left by a command that was killed, in milliseconds. */
const LEFTOVER_AGE = 60 * 60 * 1000;
/** How often a copy is made again because the database changed meanwhile. */
const TRIES = 100;
/** How long to wait before that, in milliseconds. */
const PAUSE = 20;

/**
 * Copies the journal of a folder and its witness to a folder of their own, runs a task on the copies, and removes them. The journal's
 * lock is not taken.
 *
 * @param task - gets the folder of the copies, which are called as the originals
 * @throws CommandError `ERR_JOURNAL_LOCKED` if the journal changes so fast that no copy could be made
 */
export async function withSnapshot<T>(
  folder: string,
  signal: AbortSignal,
  task: (copies: string) => Promise<T>,
): Promise<T> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const copies = await emptyFolder(folder);
    try {
      if (await copyAll(folder, copies)) return await task(copies);
    } finally {
      await rm(copies, { recursive: true, force: true });
    }
    await delay(PAUSE, signal);
  }
  throw new CommandError(
    "ERR_JOURNAL_LOCKED",
    `The journal in ${folder} could not be read beside its writer: it changes too fast. Nothing was changed. Try again.`,
  );
}

// In the writer's folder tables can be linked. If nothing may be written there, all of them are copied elsewhere.
async function emptyFolder(folder: string): Promise<string> {
  const name = `${NAME}${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await removeLeftovers(folder);
    await mkdir(join(folder, name), { mode: 0o700 });
    return join(folder, name);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const other = join(tmpdir(), `rlog${name}`);
    await mkdir(other, { mode: 0o700 });
    return other;
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(NAME)) continue;
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LEFTOVER_AGE) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** What must not change while a copy is made: which manifest counts, how long it is, and which logs there are. */
interface Structure {
  readonly manifest: string;
  readonly length: number;
  readonly logs: readonly string[];
  readonly tables: readonly string[];
}

async function structureOf(journal: string): Promise<Structure> {
  const manifest = (await readFile(join(journal, "CURRENT"), "latin1")).trim();
  const { size: length } = await stat(join(journal, manifest));
  const names = (await readdir(journal)).sort();
  const logs = names.filter((name) => /^\d+\.log$/.test(name));
  return { manifest, length, logs, tables: names.filter((name) => /^\d+\.(?:ldb|sst)$/.test(name)) };
}

// Returns whether the copy is that of one moment.
async function copyAll(folder: string, copies: string): Promise<boolean> {
  const [from, to] = [join(folder, JOURNAL), join(copies, JOURNAL)];
  await mkdir(to, { mode: 0o700 });
  try {
    await copyIfThere(join(folder, WITNESS), join(copies, WITNESS));
    const before = await structureOf(from);
    for (const name of before.tables) await linkOrCopy(join(from, name), join(to, name));
    await writeFile(join(to, logName(0n)), "");
    for (const name of before.logs)
      await copyDurable(join(from, name), join(to, logName(BigInt(name.slice(0, -4)))));
    await copyDurable(join(from, before.manifest), join(to, before.manifest));
    await writeFile(join(to, "CURRENT"), `${before.manifest}\n`);
    const after = await structureOf(from);
    return (
      after.manifest === before.manifest &&
      after.length === before.length &&
      after.logs.join() === before.logs.join()
    );
  } catch (error) {
    // A table or a log that was replaced meanwhile.
    if (isGone(error)) return false;
    throw error;
  }
}

function logName(number: bigint): string {
  return `${FAR_ABOVE + number}.log`;
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isGone(error)) throw error;
    // A filesystem without hard links, or another one.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

// What is appended after the length was read is not part of the copy, so everything in it is on disk.
async function copyDurable(from: string, to: string): Promise<void> {
  const source = await open(from, "r");
  try {
    const { size } = await source.stat();
    await source.datasync();
    const target = await open(to, "wx", 0o600);
    try {
      const piece = new Uint8Array(2 ** 20);
      for (let at = 0; at < size; ) {
        const { bytesRead } = await source.read(piece, 0, Math.min(piece.length, size - at), at);
        if (bytesRead === 0) break;
        await target.write(piece, 0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
