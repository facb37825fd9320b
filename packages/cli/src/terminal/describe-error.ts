// How an error is shown on standard error.

import { codeOf } from "../errors/command-error.ts";
import { printable } from "./terminal-text.ts";

/** The most errors that are shown of a chain of causes. */
const MOST_CAUSES = 10;

/**
 * An error as one line: `rlog: what happened [CODE]`.
 *
 * @param debug - whether the stack and the causes follow on further lines
 */
export function describe(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const line = `rlog: ${printable(message)}${code === undefined ? "" : ` [${code}]`}`;
  return debug ? `${line}\n${stacks(error)}` : line;
}

function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < MOST_CAUSES; at = at.cause)
    lines.push(at.stack ?? at.message);
  return lines.join("\ncaused by ");
}
