// Whether a remote shows the newest state of a log that is known.

import type { Finding } from "../remotes/remote-kind.ts";
import { counted } from "../terminal/counted.ts";
import type { Examined } from "./examine-remote.ts";

/** What was found at one remote, compared with the newest state that is known. */
export interface Judged extends Examined {
  readonly state: "newest" | "behind" | "absent" | "unknown";
}

/**
 * Compares what was found at one remote with the newest known state. A remote that lags behind gets a finding.
 *
 * @param newest - entries of the newest known state
 * @param own - whether it is the log of this writer's folder
 */
export function judged(
  examined: Examined,
  { newest, own }: { readonly newest: number; readonly own: boolean },
): Judged {
  const { size, reached, absent, findings } = examined;
  if (!reached || (size === undefined && !absent)) return { ...examined, state: "unknown" };
  if (size === newest || (size === undefined && newest === 0 && own))
    return { ...examined, state: size === undefined ? "absent" : "newest" };
  const how = own
    ? "rlog publish publishes what is missing"
    : "its writer, or whoever mirrors it, has to publish it there";
  const lag: Finding =
    size === undefined
      ? { code: "absent", message: `There is nothing under the log's name: ${how}.` }
      : { code: "behind", message: `It shows ${size} of ${counted(newest, "entry", "entries")}: ${how}.` };
  return { ...examined, state: size === undefined ? "absent" : "behind", findings: [lag, ...findings] };
}
