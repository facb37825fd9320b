// The errors that the command line itself raises; all others come from the libraries below it.

import { exitCodes } from "./exit-codes.ts";

/** A failure found by the command line itself, with the exit code that it ends the process with. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Stable identifier of the kind of failure, such as `"ERR_NO_LOG"`. */
  readonly code: string;
  /** The exit code of the process. */
  readonly exitCode: number;

  /**
   * @param code - stable identifier, `ERR_` and capitals
   * @param message - what failed, on what, why, and what to do
   * @param exitCode - default 1
   * @param cause - the error that led to this one
   */
  constructor(code: string, message: string, exitCode: number = exitCodes.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A mistake in what was typed: `ERR_USAGE`, exit code 2. */
export function usageError(message: string): CommandError {
  return new CommandError("ERR_USAGE", message, exitCodes.usage);
}

/** The process received a signal that tells it to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** 128 plus the number of the signal, the convention of shells. */
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`The command was ended by ${signal}.`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** The program that read the output has stopped reading, as `head` does. This is not a failure. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** The stable code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
