// Several services were asked the same and all failed: which failure the caller gets.

import { isRemoteLogError } from "@remote-log/core";

/**
 * Of several failures the one that tells most: one after which a retry can succeed, before one that is final, before an absence.
 * The first of its kind; `undefined` if there is none.
 */
export function mostTelling(failures: readonly unknown[]): unknown {
  return [...failures].sort((one, other) => weightOf(other) - weightOf(one))[0];
}

function weightOf(error: unknown): number {
  if (!isRemoteLogError(error)) return 1;
  if (error.retry === "safe") return 2;
  return error.code === "ERR_NOT_FOUND" ? 0 : 1;
}
