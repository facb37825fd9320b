// The errors of the servers.

/** Stable identifiers of what can go wrong with a server. */
export type ServerErrorCode =
  /** It is neither here nor can it be built on this machine. */
  | "ERR_SERVER_UNAVAILABLE"
  /** Its build failed. */
  | "ERR_SERVER_BUILD"
  /** It ended, or did not answer, while it was being started. */
  | "ERR_SERVER_START"
  /** It refused a request that it was set up with. */
  | "ERR_SERVER_REQUEST";

/** What every {@link ServerError} carries besides its message. */
export interface ServerErrorOptions {
  /** The last lines that the program printed. */
  readonly output?: string;
  /** Where all that the program printed is kept. */
  readonly log?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** A server can't be built, started or set up. Aborts are never one of these. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** Which kind of failure. */
  readonly code: ServerErrorCode;
  /** The last lines that the program printed; empty if there are none. */
  readonly output: string;
  /** Where all that the program printed is kept. */
  readonly log: string | undefined;

  /**
   * @param code - which kind of failure
   * @param message - what failed, why, and what to do; the output and the path of the log are added to it
   * @param options - output, log and cause
   */
  constructor(code: ServerErrorCode, message: string, options: ServerErrorOptions = {}) {
    const { output = "", log, cause } = options;
    const kept = log === undefined ? "" : ` All that it printed is in ${log}.`;
    const lines = output === "" ? "" : ` It ended with:\n${output}`;
    super(`${message}${kept}${lines}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.output = output;
    this.log = log;
  }
}
