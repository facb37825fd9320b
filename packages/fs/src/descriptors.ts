// How many files this process has open for remotes in folders, and what happens if it may open no more.
//
// A process may have a limited number of files open (`ulimit -n`, often 256 or 1,024), and three readers alone may ask for 384 things
// at once. An operation holds up to five files, and holds some while it opens the next. So operations take turns, those of
// all remotes of the process together: what is asked for at once costs time, and never files. If the files are used up all the
// same, by another part of the program or of the machine, an operation lets go of what it holds, waits, and begins again.

import { type Call, delay, Semaphore } from "@remote-log/core/adapter";
import { errnoOf } from "./errors.ts";

/** Operations at once, of all remotes in folders. Node has four threads for files, so more would not be faster. */
const OPERATIONS = 16;

/** How long an operation waits for files that are used up, in milliseconds. */
const PATIENCE_MILLISECONDS = 20_000;

/** The longest first wait, in milliseconds; doubled for each further one, up to the longest. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 500;

const operations = new Semaphore(OPERATIONS);

/**
 * Does an operation that opens files when it is its turn; again from its beginning if the process or the system has too many files
 * open.
 *
 * @param work - is safe to repeat as long as it fails for want of a file
 */
export function inTurn<T>({ signal }: Pick<Call, "signal">, work: () => Promise<T>): Promise<T> {
  // Nobody keeps a turn while it waits.
  return whenFilesAreFree(signal, () => operations.run(signal, work));
}

/**
 * Does something that opens files; again after a while if the process or the system has too many files open.
 *
 * @param work - is safe to repeat as long as it fails for want of a file
 * @throws an error of the system, `EMFILE` or `ENFILE`, if no file has become free within 20 seconds
 */
export async function whenFilesAreFree<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (let longest = FIRST_WAIT; ; longest = Math.min(2 * longest, LONGEST_WAIT)) {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfFiles(error) || performance.now() >= until) throw error;
      await delay(Math.random() * longest, signal);
    }
  }
}

/** Whether an error says that the process or the system has too many files open. */
function isOutOfFiles(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "EMFILE" || code === "ENFILE";
}
