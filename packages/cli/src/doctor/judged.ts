// Whether a remote shows the newest state of a log that is known.

import type { Finding } from "../remotes/remote-kind.ts";
import { counted } from "../terminal/counted.ts";
import type { Relations } from "./compare-remotes.ts";
import type { Examined } from "./examine-remote.ts";

/** What was found at one remote, compared with the newest state that is known. */
export interface Judged extends Examined {
  readonly state: "newest" | "behind" | "unverified" | "forked" | "superseded" | "absent" | "unknown";
}

/** What is known of the log as a whole. */
export interface Known {
  /** Entries of the newest known state. */
  readonly newest: number;
  /** Whether it is the log of this writer's folder. */
  readonly own: boolean;
  /** How the states of the remotes relate. */
  readonly relations: Relations;
}

// What a reader can't get, the journal still has.
const MENDED_BY_REPAIR: ReadonlySet<string> = new Set([
  "ERR_NOT_FOUND",
  "ERR_NOT_PROPAGATED",
  "ERR_INTEGRITY",
  "ERR_MALFORMED",
]);

function withRepair({ code, message }: Finding, label: string): Finding {
  if (!MENDED_BY_REPAIR.has(code)) return { code, message };
  return {
    code,
    message: `${message} To put back what is missing or damaged: ${repairCommand(label, " --read")}`,
  };
}

function repairCommand(label: string, more = ""): string {
  const quoted = `'${label.replaceAll("'", "'\\''")}'`;
  return `rlog repair --remote ${/^[\w.:/-]+$/.test(label) ? label : quoted}${more}`;
}

/** Compares what was found at one remote with the newest known state. A remote that does not show it gets a finding. */
export function judged(examined: Examined, { newest, own, relations }: Known): Judged {
  const { size, reached, absent, place } = examined;
  const findings = own
    ? examined.findings.map((finding) => withRepair(finding, place.label))
    : examined.findings;
  if (!reached || (size === undefined && !absent)) return { ...examined, findings, state: "unknown" };
  const related = size === undefined ? undefined : relations.findingOf(place.label);
  if (related !== undefined) {
    return { ...examined, state: related.state, findings: [related.finding, ...findings] };
  }
  if (size === newest || (size === undefined && newest === 0 && own))
    return { ...examined, findings, state: size === undefined ? "absent" : "newest" };
  const repaired = size === undefined && newest > 0;
  const how = own
    ? repaired
      ? `${repairCommand(place.label)} fills it with the whole log; if it is a drive, mount it first`
      : "rlog publish publishes what is missing"
    : "its writer, or whoever mirrors it, has to publish it there";
  const lag: Finding =
    size === undefined
      ? { code: "absent", message: `There is nothing under the log's name: ${how}.` }
      : { code: "behind", message: `It shows ${size} of ${counted(newest, "entry", "entries")}: ${how}.` };
  return { ...examined, state: size === undefined ? "absent" : "behind", findings: [lag, ...findings] };
}
