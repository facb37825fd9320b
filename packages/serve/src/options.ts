// What is served, and within which limits.

import type { Floor, Remote } from "@remote-log/core";
import type { Cosigner } from "@remote-log/core/cosign";

/** A log that is mirrored and served. */
export interface ServedLogOptions {
  /** The log: 64 hexadecimal digits. */
  readonly logId: string;
  /** Where it is mirrored from; they belong to the caller. */
  readonly remotes: readonly Remote[];
  /** The least state to accept on first contact. */
  readonly floor?: Floor | undefined;
  /** Its own limits; those that are absent are the server's. */
  readonly limits?: LogLimits | undefined;
  /** What is done for it besides, such as keeping its names alive. Default: nothing. */
  readonly chores?: readonly Chore[] | undefined;
}

/** How much one log may cost. */
export interface LogLimits {
  /** Bytes of all that is kept of it. Default 10 GiB. */
  readonly bytes?: number | undefined;
  /** Entries: a log with more is not mirrored any further. Default 10,000,000. */
  readonly entries?: number | undefined;
  /** Requests of readers in a minute. Default 6,000. */
  readonly requestsPerMinute?: number | undefined;
}

/** Something that is done for a log again and again. */
export interface Chore {
  /** What it is called in metrics, such as `"ipns"`. */
  readonly name: string;
  readonly everyMilliseconds: number;
  /** Does it once. A rejection counts as a failure; it is done again all the same. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Options of {@link serve}. */
export interface ServeOptions {
  readonly logs: readonly ServedLogOptions[];
  /** Where the copies are kept: a folder for each log. */
  readonly folder: string;
  /** Where to listen. Default `"127.0.0.1"`. */
  readonly host?: string | undefined;
  /** Default 8080; 0 is a free one. */
  readonly port?: number | undefined;
  /** How often each log is looked at, in milliseconds; sooner if a name tells of a change. Default 60,000. */
  readonly pollMilliseconds?: number | undefined;
  /**
   * How long one look may take before the log has to wait apart from the others, in milliseconds. Default 120,000. One that waits apart gets ten
   * times as long.
   */
  readonly passMilliseconds?: number | undefined;
  /** How many logs are mirrored at once. Default 8; besides, one of those that take long. */
  readonly passesAtOnce?: number | undefined;
  /** The limits of every log that has none of its own. */
  readonly limits?: LogLimits | undefined;
  /** Signs that the logs are kept here. Default: nothing is signed. */
  readonly cosigner?: Cosigner | undefined;
  /** Answers `add-checkpoint` of C2SP tlog-witness, with a key of its own. Default: that is not served. */
  readonly witness?: Cosigner | undefined;
  /** Called for what an operator may want to know. It must not throw. */
  readonly onEvent?: ((event: ServeEvent) => void) | undefined;
}

/** What happened to a log. */
export interface ServeEvent {
  readonly logId: string;
  readonly kind: "mirrored" | "incomplete" | "over-quota" | "failed" | "chore-failed" | "slow";
  /** Number of entries that are served. */
  readonly size: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/** A server that runs. */
export interface LogServer {
  /** Where it is reached. */
  readonly url: string;
  /** Ends it: what is under way is aborted, answers that were begun are sent. */
  close(): Promise<void>;
}

/** Limits with all defaults. */
export type FullLimits = { readonly [K in keyof LogLimits]-?: number };

/** The limits of one log. */
export function limitsOf(own: LogLimits = {}, all: LogLimits = {}): FullLimits {
  return {
    bytes: own.bytes ?? all.bytes ?? 10 * 2 ** 30,
    entries: own.entries ?? all.entries ?? 10_000_000,
    requestsPerMinute: own.requestsPerMinute ?? all.requestsPerMinute ?? 6_000,
  };
}
