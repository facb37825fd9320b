// Which failures tell something about this journal.

import { ConflictError, JournalCorruptError, JournalError, RestoredError } from "../errors/index.ts";

/** Whether a remote has told something about this journal, after which it must not sign; anything else is that remote's own trouble. */
export function forbidsSigning(error: unknown): boolean {
  return (
    error instanceof RestoredError ||
    error instanceof ConflictError ||
    error instanceof JournalError ||
    error instanceof JournalCorruptError
  );
}
