// What a kind of remote is to `rlog`: how one is opened, and what can be said about it. Part of the public API.

import type { MirrorTarget, Remote, RemoteLogError } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";

/** The keys of names that are derived from a key. They name a log and never sign it. */
export interface NameKeys {
  /** Seed of the Ed25519 key of an IPNS name, 32 bytes. Derived when it is read. */
  readonly ipns: Uint8Array;
  /** Private secp256k1 key of a Swarm feed, 32 bytes. Derived when it is read. */
  readonly swarm: Uint8Array;
}

/** What is known besides the URI when a remote is opened. */
export interface RemoteContext {
  /** For a writer: the keys of its names. Read only the key that you need: each is derived when it is read. */
  readonly nameKeys?: NameKeys;
  /** The log, as 64 hexadecimal digits; absent while the log does not exist yet. */
  readonly logId?: string;
}

/**
 * Opens the remote that a URI names. Makes no request: `rlog append` works offline.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI that can't be used
 */
export type OpenRemote = (uri: string, label: string, context: RemoteContext) => Remote | Promise<Remote>;

/** What a remote that a link names is opened with. */
export interface LinkAccess {
  /**
   * Sends `GET` and `HEAD`, to public addresses and to places that the user trusts, and follows no redirect. Whatever the
   * remote asks goes through it.
   */
  readonly fetch: Fetch;
}

/**
 * Opens a remote that a link names and the user does not trust: for reading, with nothing of the user's. No credentials, no
 * endpoint, no profile from the environment or from a file. Makes no request.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI that can't be used
 */
export type OpenFromLink = (uri: string, label: string, access: LinkAccess) => Remote | Promise<Remote>;

/** What a mirror writes to, and what to report about it. */
export interface OpenedTarget extends MirrorTarget {
  /** Why a mirror can't set the log's name there, if it can't: "a name on Swarm belongs to its writer". */
  readonly unnamed?: string;
}

/** Something that needs care, and what to do about it. */
export interface Finding {
  /** Stable identifier, for scripts: `"expires-soon"`. */
  readonly code: string;
  /** For people: what is wrong, and what to do about it. One line. */
  readonly message: string;
}

/** What a service reports about the health of a remote on it. */
export interface Checkup {
  /** The state of the service, for people, one line each. */
  readonly facts: readonly string[];
  /** What needs care; empty if all is well. */
  readonly findings: readonly Finding[];
  /** The same for programs: what `rlog doctor --json` shows as `details`. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Options of a checkup. */
export interface CheckupOptions {
  /** Ends the checkup. */
  readonly signal: AbortSignal;
}

/** Everything that `rlog` does with a kind of remote. */
export interface RemoteKind {
  /** Opens a remote for a reader or a writer. */
  readonly open: OpenRemote;
  /**
   * Makes of a URI that was typed the one that is kept and shown, which means the same in every folder. Default: it is kept as it
   * was typed.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI that can't be used
   */
  readonly complete?: (uri: string) => string;
  /**
   * The origins that a URI names, by which the user says whether a link may lead there: `["https://s3.example.com:9000"]`.
   * Those that the user's own settings name already are left out. Default: the URI itself.
   */
  readonly origins?: (uri: string) => readonly string[];
  /** Origins that the user's own settings name for this kind, such as a gateway. Default: none. */
  readonly ownOrigins?: () => readonly string[];
  /**
   * How a remote is opened that a link names and the user does not trust; a text says why it is not: a clause without a full
   * stop. Default: not at all.
   */
  readonly openFromLink?: (uri: string) => OpenFromLink | string;
  /** The URI by which readers reach a writer's remote, for links. Default: the same URI. Makes no request. */
  readonly readerUri?: (uri: string, context: RemoteContext) => string | Promise<string>;
  /**
   * Opens a remote as the target of a mirror.
   *
   * Default: opened as for a writer, and the mirror sets the log's name there.
   *
   * @param ipnsName - the IPNS name of the log at its source, if it has one
   */
  readonly openTarget?: (uri: string, label: string, ipnsName: string | undefined) => Promise<OpenedTarget>;
  /**
   * Advice for a person, shown besides the error when a log could not be read from the remote or published to it.
   * Decides by the code, the reason and the operation of the error. Default: none.
   */
  readonly advice?: (uri: string, error: RemoteLogError) => string | undefined;
  /**
   * What `rlog doctor` reports about the service of a remote, such as how long it keeps the log and how much room is
   * left. Whether the log can be read is checked without it. An error that it throws is reported as a finding.
   * Default: nothing.
   *
   * @param remote - as `open` made it from the URI
   */
  readonly checkup?: (uri: string, remote: Remote, options: CheckupOptions) => Promise<Checkup | undefined>;
}
