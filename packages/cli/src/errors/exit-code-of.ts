// Which error ends the process with which exit code.

import { isRemoteLogError } from "@remote-log/core";
import { CommandError, Interrupted, OutputClosed } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";

const refused: ReadonlySet<string> = new Set([
  "ERR_INTEGRITY",
  "ERR_MALFORMED",
  "ERR_ROLLBACK",
  "ERR_FORK",
  "ERR_SUPERSEDED",
  "ERR_CONFLICT",
  "ERR_TOO_LARGE",
]);
const tryAgain: ReadonlySet<string> = new Set([
  "ERR_NOT_FOUND",
  "ERR_NOT_PROPAGATED",
  "ERR_STALE",
  "ERR_UNREACHABLE",
  "ERR_TIMEOUT",
]);

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError || error instanceof Interrupted) return error.exitCode;
  if (error instanceof OutputClosed) return exitCodes.ok;
  if (!isRemoteLogError(error)) return exitCodes.failed;
  if (error.code === "ERR_INVALID_INPUT") return exitCodes.usage;
  // What the user passes in is not a lie told by a remote.
  if (error.operation === "writer.append") return exitCodes.failed;
  if (refused.has(error.code)) return exitCodes.refused;
  return tryAgain.has(error.code) ? exitCodes.tryAgain : exitCodes.failed;
}
