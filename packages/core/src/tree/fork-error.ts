// The error for a log that forked.

import { ForkError } from "../errors/index.ts";

/** The error that freezes a log for this reader. The evidence has to be checked before. */
export function forkError(logId: string, label: string, evidence: ForkError["evidence"]): ForkError {
  return new ForkError(
    `The key of log ${logId} signed two histories that contradict each other (seen on ${label}). ` +
      "The log is frozen for this reader; the error's evidence proves it to anyone.",
    { operation: "reader.sync", evidence },
  );
}
