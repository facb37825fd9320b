// What `rlog fsck` prints: a line for each remote, or a JSON object.

import { codeOf } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/terminal-text.ts";
import { type CheckedRemote, isWhole } from "./check-remote.ts";

/** The most ranges of lost entries that are printed as lines; `--json` has all. */
const MOST_LINES = 20;

/** How a remote is. */
export type Health = "ok" | "mended" | "care";

/** How a remote is: all there, all there again, or not. */
export function healthOf(checked: CheckedRemote, newest: number): Health {
  if (!isWhole(checked, newest)) return "care";
  return checked.faults.length > 0 ? "mended" : "ok";
}

/** Why a remote does not hold everything: a clause, to which its label is the subject. */
export function whyNot(checked: CheckedRemote, newest: number): string {
  const { size, faults, lostEntries, error, absent } = checked;
  if (absent) return "has nothing of the log";
  if (size === undefined) return `could not be checked (${messageOf(error)})`;
  const unmended = faults.filter(({ mended }) => !mended);
  const reasons = [
    size < newest && `shows ${size} of ${counted(newest, "entry", "entries")}`,
    size > newest && `shows ${counted(size, "entry", "entries")}, more than the ${newest} that are known`,
    unmended.length > 0 && `lacks ${faultsText(unmended)}`,
    lostEntries > 0 && `can't show ${counted(lostEntries, "entry", "entries")}, and nobody else could`,
    error !== undefined && `took nothing back (${messageOf(error)})`,
  ];
  return reasons.filter((reason) => reason !== false).join(", ") || "shows an older manifest";
}

/** The report for people. */
export function textReport(checked: readonly CheckedRemote[], newest: number, repairs: boolean): string {
  return checked.flatMap((one) => linesOf(one, newest, repairs)).join("");
}

function linesOf(checked: CheckedRemote, newest: number, repairs: boolean): string[] {
  const { label, objects, size, faults, lost } = checked;
  const health = healthOf(checked, newest);
  const what = `${counted(objects, "object")} of ${counted(size ?? 0, "entry", "entries")} read`;
  const why = {
    ok: what,
    mended: `${what}; ${faultsText(faults)}: put back, and read again`,
    care: `${size === undefined ? "" : `${what}; it `}${whyNot(checked, newest)}`,
  }[health];
  const advice = health === "care" && !repairs && faults.length > 0 ? ". Run it with --repair" : "";
  const lines = [`${health.padEnd(7)} ${printable(`${label}: ${why}${advice}`)}\n`];
  for (const { from, to, error } of lost.slice(0, MOST_LINES))
    lines.push(
      `        ${from === to - 1 ? `entry ${from}` : `entries ${from} to ${to - 1}`}: ${printable(messageOf(error))}\n`,
    );
  if (lost.length > MOST_LINES)
    lines.push(`        and ${counted(lost.length - MOST_LINES, "more range")}\n`);
  return lines;
}

/** The report for programs. */
export function jsonReport(logId: string, checked: readonly CheckedRemote[], newest: number): string {
  const remotes = checked.map((one) => {
    const { label, size = null, objects, faults, lost, lostEntries, error, absent } = one;
    const of = (kind: string): number => faults.filter((fault) => fault.kind === kind).length;
    return {
      label,
      status: healthOf(one, newest),
      size,
      absent,
      objects,
      missing: of("missing"),
      damaged: of("damaged"),
      putBack: faults.filter(({ mended }) => mended).length,
      faults,
      lostEntries,
      lost: lost.map(({ from, to, error: why }) => ({
        from,
        to,
        code: codeOf(why) ?? null,
        message: messageOf(why),
      })),
      ...(error !== undefined && { code: codeOf(error) ?? null, message: messageOf(error) }),
    };
  });
  return `${JSON.stringify({ logId, size: newest, remotes })}\n`;
}

function faultsText(faults: readonly { readonly kind: string }[]): string {
  const missing = faults.filter(({ kind }) => kind === "missing").length;
  const damaged = faults.length - missing;
  const parts = [missing > 0 && `${missing} missing`, damaged > 0 && `${damaged} damaged`];
  return `${parts.filter((part) => part !== false).join(" and ")} ${faults.length === 1 ? "object" : "objects"}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
