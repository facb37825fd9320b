// What `rlog mirror` says of a pass: a line, or a JSON object; and what could not be got.

import type { ExportCarResult } from "@remote-log/car";
import type { MirrorResult } from "@remote-log/core";
import { CommandError, codeOf } from "../errors/command-error.ts";
import { exitCodeOf } from "../errors/exit-code-of.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/terminal-text.ts";

/** What became of the name. */
export interface NameReport {
  /**
   * - `"updated"`: it was set
   * - `"current"`: it showed that state already
   * - `"newer"`: it shows a newer state and was not changed
   * - `"carried"`: the signed record was put there
   * - `"unset"`: it was not set, for the reason in the text
   */
  readonly status: "updated" | "current" | "newer" | "carried" | "unset";
  readonly text: string;
}

/** What could not be got. */
type Missing = Pick<MirrorResult, "missing" | "missingEntries">;

/** The most ranges of missing entries that are listed as lines; `--json` lists all. */
const MOST_LINES = 20;

/** One line about a pass. */
export function summaryOf(result: MirrorResult, label: string, name: NameReport): string {
  const { size, entries, contents, pages, nodes, bytes, missingEntries } = result;
  const parts = [counted(contents, "content"), counted(pages, "page"), counted(nodes, "index node")];
  const stored = `stored ${parts.join(", ")}, ${counted(bytes, "byte")}`;
  const all =
    missingEntries === 0
      ? counted(size, "entry", "entries")
      : `${entries} of ${counted(size, "entry", "entries")}`;
  const signed = result.cosigned === undefined ? "" : "; read back, and signed";
  return `mirrored ${all} to ${label}: ${stored}; ${name.text}${signed}`;
}

/** The JSON object about a pass. */
export function jsonOf(result: MirrorResult, logId: string, label: string, name: NameReport): string {
  const { size, entries, contents, pages, nodes, bytes, missingEntries } = result;
  const missing = missingJson(result);
  const stored = { contents, pages, nodes, bytes };
  return JSON.stringify({
    logId,
    target: label,
    size,
    entries,
    ...stored,
    name: name.status,
    ...(result.cosigned && { cosigned: result.cosigned }),
    missingEntries,
    missing,
  });
}

function missingJson({ missing }: Missing): readonly object[] {
  return missing.map(({ from, to, error }) => ({
    from,
    to,
    code: codeOf(error) ?? null,
    message: messageOf(error),
  }));
}

/** One line for each range of entries that could not be got. */
export function missingLines({ missing }: Missing): string[] {
  const lines = missing.slice(0, MOST_LINES).map(({ from, to, error }) => {
    const which = to === from + 1 ? `entry ${from}` : `entries ${from} to ${to - 1}`;
    const code = codeOf(error);
    return `rlog: ${which} could not be got: ${printable(messageOf(error))}${code === undefined ? "" : ` [${code}]`}`;
  });
  const more = missing.length - lines.length;
  if (more > 0) lines.push(`rlog: and ${counted(more, "more range")}; --json lists all.`);
  return lines;
}

/** The error of a pass that could not get everything. Its exit code is that of the gravest reason. */
export function incomplete({ missing, missingEntries }: Missing, label: string): CommandError {
  const codes = missing.map(({ error }) => exitCodeOf(error));
  const exitCode = codes.includes(exitCodes.refused) ? exitCodes.refused : exitCodes.tryAgain;
  return new CommandError(
    "ERR_INCOMPLETE",
    `No source could show ${counted(missingEntries, "entry", "entries")}, which ${label} lacks now. Everything else is there, and ` +
      "nothing that it had was lost. Run it again with further sources (--remote).",
    exitCode,
    missing[0]?.error,
  );
}

/** One line about an export. */
export function exportSummary(result: ExportCarResult, file: string): string {
  const { size, entries, blocks, fileBytes, missingEntries } = result;
  const all = `${entries === size && missingEntries === 0 ? "" : `${entries} of `}${counted(size, "entry", "entries")}`;
  return `exported ${all} to ${printable(file)}: ${counted(blocks, "block")}, ${counted(fileBytes, "byte")}`;
}

/** The JSON object about an export. */
export function exportJson(result: ExportCarResult, logId: string, file: string): string {
  const { size, entries, blocks, fileBytes, root, missingEntries } = result;
  const missing = missingJson(result);
  const about = { logId, file, root: `${root}`, size, entries, blocks, bytes: fileBytes };
  return JSON.stringify({ ...about, missingEntries, missing });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
