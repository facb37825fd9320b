// Which results make a run fail.

import type { CaseResult } from "./run.ts";

/** Whether a result makes its run fail: a failure of a `MUST` or a `SHOULD` that is not a known one. */
export function breaksRun({ level, status }: Pick<CaseResult, "level" | "status">): boolean {
  return status === "failed" && level !== "MAY";
}
