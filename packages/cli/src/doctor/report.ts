// The report of `rlog doctor`, for people and for programs.

import { shownUri } from "../remotes/shown-uri.ts";
import { counted } from "../terminal/counted.ts";
import { jsonText, terminalText } from "../terminal/terminal-text.ts";
import type { Judged } from "./judged.ts";

/** The report of `rlog doctor --json`: one JSON object. */
export function jsonReport(logId: string, size: number, results: readonly Judged[]): string {
  const remotes = results.map(({ place, reached, state, size: shown, keyReplaced, findings, details }) => ({
    label: place.label,
    uri: shownUri(place.uri),
    healthy: findings.length === 0,
    reached,
    state,
    ...(shown !== undefined && { size: shown }),
    ...(keyReplaced !== undefined && { keyReplaced }),
    findings,
    ...(details && { details }),
  }));
  const healthy = remotes.every((remote) => remote.healthy);
  return `${jsonText({ logId, healthy, size, remotes })}\n`;
}

/** The report of `rlog doctor`, for people. */
export function textReport(logId: string, size: number, results: readonly Judged[]): string {
  const lines = [`log ${logId}`, `newest known state: ${counted(size, "entry", "entries")}`];
  for (const result of results) {
    const { place, facts, keyReplaced, findings } = result;
    lines.push(`${findings.length === 0 ? "ok  " : "CARE"} ${place.label} (${shownUri(place.uri)})`);
    lines.push(`     ${stateLine(result)}`);
    if (keyReplaced !== undefined && keyReplaced > 0)
      lines.push(`     the signing key of the log was replaced ${counted(keyReplaced, "time")}`);
    for (const fact of facts) lines.push(`     ${fact}`);
    for (const { code, message } of findings) lines.push(`   ! ${message} [${code}]`);
  }
  return `${lines.map(terminalText).join("\n")}\n`;
}

const SHOWN = {
  newest: "the newest state",
  behind: "an older state",
  unverified: "a state that could not be compared with the newest",
  forked: "a state of a log that forked",
  superseded: "what somebody signed with a former key",
} as const;

function stateLine({ reached, state, size, findings }: Judged): string {
  if (!reached) return "could not be reached";
  if (state === "unknown") return "was reached, but shows no state that can be used";
  if (state === "absent")
    return `was reached; ${findings.length > 0 ? "there is nothing under the name" : "nothing is published there yet"}`;
  const entries = counted(size ?? 0, "entry", "entries");
  const shown = `shows ${SHOWN[state]}, ${entries}`;
  const unread = findings.some(({ code }) => code.startsWith("ERR_"));
  const read = unread ? "" : "; the first and the newest entry were read";
  return `was reached, and ${shown}${size === 0 ? "" : read}`;
}
