// Groups failures that have the same cause.

import { isRemoteLogError } from "@remote-log/core";
import type { CaseResult } from "./run.ts";
import { authorFrames, causesOf } from "./stack.ts";

/** Puts together what failed for the same cause, in the order in which the first of each group comes. */
export function groupFailures(results: readonly CaseResult[]): CaseResult[][] {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const cause = causeOf(result);
    const group = groups.get(cause);
    if (group === undefined) groups.set(cause, [result]);
    else group.push(result);
  }
  return [...groups.values()];
}

/**
 * What two equal failures have in common: that they waited for the same, or the error at the bottom and the line of the
 * adapter that it came from. If no line is known, what the case says.
 */
function causeOf({ timedOut, error, reason }: CaseResult): string {
  if (timedOut !== undefined) return JSON.stringify(["timed out", ...[...timedOut].sort()]);
  const chain = causesOf(error);
  const [bottom] = chain.slice(-1);
  const [line] = chain
    .map((one) => authorFrames(one)[0])
    .filter((frame) => frame !== undefined)
    .slice(-1);
  if (bottom === undefined || line === undefined) return JSON.stringify(["said", reason]);
  const code: unknown = isRemoteLogError(bottom) ? bottom.code : Reflect.get(bottom, "code");
  return JSON.stringify(["error", bottom.name, String(code), bottom.message, line]);
}
