// Waits for the journal of a writer's folder, in a fair queue, and says who holds it if that takes too long.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { delay } from "@remote-log/core/adapter";
import { CommandError } from "../errors/command-error.ts";
import { isLocked, JOURNAL } from "./journal-files.ts";
import { WriterTicket } from "./writer-queue.ts";

/** How long a command waits for the journal if `--wait` says nothing else, in seconds. */
export const WAIT_SECONDS = 10;

/** How often the process that is first tries to open a journal that somebody outside the queue holds, in milliseconds. */
const TRY_EVERY = 200;

/** How long to wait for the journal, and what ends that. */
export interface Waiting {
  /** Seconds; 0 gives up at once. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a task in its turn: after every process that came before and uses the same journal.
 *
 * @param task - gets a function by which it opens the journal. While somebody holds it who does not queue, such as a program of
 * the user's own, that waits.
 * @throws CommandError `ERR_JOURNAL_LOCKED` if the wait is over; it names the process that holds the journal
 */
export async function inTurn<T>(
  folder: string,
  { seconds, signal }: Waiting,
  task: (whenFree: <R>(open: () => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  const until = performance.now() + seconds * 1000;
  const ticket = await WriterTicket.take(folder);
  try {
    if (!(await ticket.isFirst(until, signal))) throw await locked(folder, ticket, seconds);
    return await task(async (open) => {
      for (;;) {
        signal.throwIfAborted();
        try {
          return await open();
        } catch (error) {
          if (!isLocked(error)) throw error;
          const left = until - performance.now();
          if (left <= 0) throw await locked(folder, ticket, seconds, error);
          await delay(Math.min(TRY_EVERY, left), signal);
        }
      }
    });
  } finally {
    await ticket.leave();
  }
}

async function locked(
  folder: string,
  ticket: WriterTicket,
  seconds: number,
  cause?: unknown,
): Promise<CommandError> {
  const before = await ticket.pidsBefore();
  const holder = (await lockHolder(join(folder, JOURNAL, "LOCK"))) ?? before[0];
  const who = holder === undefined ? "Another program" : `Process ${holder}`;
  const others = before.filter((pid) => pid !== holder).length;
  const queue =
    others === 0 ? "" : `, and ${others} more ${others === 1 ? "waits" : "wait"} before this command`;
  const waited = seconds === 0 ? "" : `, and it did not become free within ${seconds} s`;
  const look = holder === undefined ? "" : ` See what it is: ps -p ${holder}.`;
  return new CommandError(
    "ERR_JOURNAL_LOCKED",
    `${who} holds the journal in ${folder}${queue}${waited}. A log has one writer at a time. Nothing was changed.${look} Wait ` +
      "longer with --wait SECONDS, or end that program. rlog status, link, doctor and read work meanwhile.",
    1,
    cause,
  );
}

/** The id of the process that holds the lock of a LevelDB database, on Linux; `undefined` if nobody does, or elsewhere. */
async function lockHolder(path: string): Promise<number | undefined> {
  try {
    const { ino } = await stat(path);
    for (const line of (await readFile("/proc/locks", "utf8")).split("\n")) {
      const [, pid, inode] = /POSIX +\S+ +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? [];
      if (Number(inode) === ino && Number(pid) > 0) return Number(pid);
    }
  } catch {
    // No such table here: the queue says who is first.
  }
  return undefined;
}
