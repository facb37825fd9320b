import { isRemoteLogError } from "@remote-log/core";
import { terminalText } from "./terminal-text.ts";

/** What the process says of itself when it ends. Documented in the README and in `rlog --help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  tryAgain: 4,
  needsCare: 5,
} as const;

/** A failure that the command line itself finds, with the exit code that goes with it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Stable identifier of the kind of failure, such as `"ERR_NO_LOG"`. */
  readonly code: string;
  /** What the process ends with. */
  readonly exitCode: number;

  /**
   * @param message - what failed, on what, why, and what to do
   * @param exitCode - default 1
   */
  constructor(code: string, message: string, exitCode: number = exitCodes.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A mistake in what was typed. */
export function usageError(message: string): CommandError {
  return new CommandError("ERR_USAGE", message, exitCodes.usage);
}

/** The process was told to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** `128 +` the number of the signal, as shells count. */
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`The command was ended by ${signal}.`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** Whoever read the output has gone, as `head` does: no failure. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

const refused = new Set([
  "ERR_INTEGRITY",
  "ERR_MALFORMED",
  "ERR_ROLLBACK",
  "ERR_FORK",
  "ERR_CONFLICT",
  "ERR_TOO_LARGE",
]);
const tryAgain = new Set([
  "ERR_NOT_FOUND",
  "ERR_NOT_PROPAGATED",
  "ERR_STALE",
  "ERR_UNREACHABLE",
  "ERR_TIMEOUT",
]);

/** The exit code that tells scripts what kind of failure an error is. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError || error instanceof Interrupted) return error.exitCode;
  if (error instanceof OutputClosed) return exitCodes.ok;
  if (!isRemoteLogError(error)) return exitCodes.failed;
  if (error.code === "ERR_INVALID_INPUT") return exitCodes.usage;
  // What the user hands in is no lie of a remote.
  if (error.operation === "writer.append") return exitCodes.failed;
  if (refused.has(error.code)) return exitCodes.refused;
  return tryAgain.has(error.code) ? exitCodes.tryAgain : exitCodes.failed;
}

/** An error as one line: `rlog: what happened [CODE]`; with `debug`, the stack and the causes below it. */
export function describe(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const line = `rlog: ${printable(message)}${code === undefined ? "" : ` [${code}]`}`;
  return debug ? `${line}\n${stacks(error)}` : line;
}

/** The stable code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** A text on one line, without characters that a terminal takes as commands. */
export function printable(text: string): string {
  return terminalText(text.replace(/\s*\n\s*/g, " ").replaceAll("\t", " "));
}

function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < 10; at = at.cause)
    lines.push(at.stack ?? at.message);
  return lines.join("\ncaused by ");
}
