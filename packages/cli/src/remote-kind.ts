import type { MirrorTarget, Remote, RemoteLogError } from "@remote-log/core";

/** Keys of names that belong to keys. They name a log and never sign it. */
export interface NameKeys {
  /** Seed of the Ed25519 key of an IPNS name, 32 bytes. Derived when it is read. */
  readonly ipns: Uint8Array;
  /** Private secp256k1 key of a Swarm feed, 32 bytes. Derived when it is read. */
  readonly swarm: Uint8Array;
}

/** What is known besides the URI where a remote is opened. */
export interface RemoteContext {
  /** For a writer: the keys of its names. Nobody reads one who does not need it. */
  readonly nameKeys?: NameKeys;
  /** The log, as 64 hexadecimal digits; absent where it is only about to begin. */
  readonly logId?: string;
}

/**
 * Opens the remote that a URI names. Makes no request: `rlog append` works offline.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI that can't be used
 */
export type OpenRemote = (uri: string, label: string, context: RemoteContext) => Remote | Promise<Remote>;

/** What a mirror writes to, and what is to be said of it. */
export interface OpenedTarget extends MirrorTarget {
  /** Why a mirror can't set the log's name there, where it can't: "a name on Swarm belongs to its writer". */
  readonly unnamed?: string;
}

/** Something that needs care, and what to do. */
export interface Finding {
  /** Stable identifier, for scripts: `"expires-soon"`. */
  readonly code: string;
  /** For people: what it is, and what to do about it. One line. */
  readonly message: string;
}

/** What a service says of the health of a remote on it. */
export interface Checkup {
  /** How things stand, for people, a line each. */
  readonly facts: readonly string[];
  /** What needs care; empty where all is well. */
  readonly findings: readonly Finding[];
  /** The same for programs: what `rlog doctor --json` shows as `details`. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a remote is examined with. */
export interface CheckupOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** All that `rlog` does with a kind of remote. */
export interface RemoteKind {
  /** Opens one for a reader or a writer. */
  readonly open: OpenRemote;
  /** What a reader's URI of a writer's remote is, for links. Default: the same. Makes no request. */
  readonly readerUri?: (uri: string, context: RemoteContext) => string | Promise<string>;
  /**
   * Opens one as the target of a mirror, for a log that has an IPNS name at its source, or none. Default: as for a
   * writer; the log's name is then set there.
   */
  readonly openTarget?: (uri: string, label: string, ipnsName: string | undefined) => Promise<OpenedTarget>;
  /**
   * What a person may want to know, besides the error, when a log could not be read from it or published to it. Default:
   * nothing.
   */
  readonly advice?: (uri: string, error: RemoteLogError) => string | undefined;
  /**
   * What `rlog doctor` tells of a remote besides whether the log can be read from it: how long the service keeps it, and
   * how much room is left, say. Whatever it throws is told as something that needs care. Default: nothing.
   *
   * @param remote - as `open` made it of the URI
   */
  readonly checkup?: (uri: string, remote: Remote, options: CheckupOptions) => Promise<Checkup | undefined>;
}
