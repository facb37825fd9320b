// How an error is shown on standard error.

import { isRemoteLogError } from "@remote-log/core";
import { codeOf } from "../errors/command-error.ts";
import { printable } from "./terminal-text.ts";

/** The most errors that are shown of a chain of causes. */
const MOST_CAUSES = 10;

/** What an error says, how often it was tried if more than once, and the code: `what happened (tried 7 times) [CODE]`. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const tries = isRemoteLogError(error) && error.tries !== undefined ? ` (tried ${error.tries} times)` : "";
  const code = codeOf(error);
  return `${printable(message)}${tries}${code === undefined ? "" : ` [${code}]`}`;
}

/**
 * An error as one line: `rlog: what happened [CODE]`.
 *
 * @param debug - whether the stack and the causes follow on further lines
 */
export function describe(error: unknown, debug: boolean): string {
  const line = `rlog: ${messageOf(error)}`;
  return debug ? `${line}\n${stacks(error)}` : line;
}

function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < MOST_CAUSES; at = at.cause)
    lines.push(at.stack ?? at.message);
  return lines.join("\ncaused by ");
}
