// The error for a journal that can't be trusted.

import { JournalCorruptError, type JournalCorruptErrorOptions } from "../errors/index.ts";

/** The error for a journal that holds what no writer wrote. */
export function corrupt(
  what: string,
  cause?: unknown,
  more: Partial<JournalCorruptErrorOptions> = {},
): JournalCorruptError {
  return new JournalCorruptError(
    `The journal is corrupt: ${what}. Nothing is signed on top of it. Restore it, or recover from a remote: open the writer ` +
      "with `forRecovery`, and call recover().",
    { operation: "journal.read", cause, ...more },
  );
}
