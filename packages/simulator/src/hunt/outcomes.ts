// Which failures are allowed, and when.

import { isRemoteLogError } from "@remote-log/core";
import { Violation } from "./violation.ts";

/** Failures of a writer of its own whose journal nobody put back: none of them may ever happen. */
const NEVER = new Set(["ERR_CONFLICT", "ERR_RESTORED", "ERR_JOURNAL_CORRUPT", "ERR_JOURNAL", "ERR_FORK"]);

/**
 * Looks at a failure of something that a schedule did.
 *
 * @param isShared - whether a journal was put back, or copied: then a writer may refuse
 * @returns the code of an allowed failure
 */
export function allowedFailure(error: unknown, what: string, isShared: boolean): string {
  if (error instanceof Violation) throw error;
  if (!isRemoteLogError(error)) throw new Violation("untyped-error", `${what} failed with ${error}.`, error);
  if (!isShared && NEVER.has(error.code))
    throw new Violation("writer-refuses-own-log", `${what}: ${error.code}, ${error.message}`, error);
  if (error.code === "ERR_FORK") throw new Violation("fork-told", `${what}: ${error.message}`, error);
  return error.code;
}
