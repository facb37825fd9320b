// What a reader can find out about a log.

import { RemoteLogError, type RemoteLogErrorOptions } from "./remote-log-error.ts";

/** `ERR_MALFORMED`: bytes are not a valid encoding of what they were read as. */
export class MalformedError extends RemoteLogError {
  override readonly name: string = "MalformedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_MALFORMED", message, options);
  }
}

/** `ERR_INTEGRITY`: bytes do not match the hash or signature that vouches for them: corrupt or forged. */
export class IntegrityError extends RemoteLogError {
  override readonly name = "IntegrityError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_INTEGRITY", message, options);
  }
}

/** `ERR_NOT_PROPAGATED`: a verified head names an object that its storage does not show yet. */
export class NotPropagatedError extends RemoteLogError {
  override readonly name = "NotPropagatedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_NOT_PROPAGATED", message, { retry: "safe", ...options });
  }
}

/**
 * `ERR_STALE`: names show only older states than one that was verified before, and may lag behind; or what they show has
 * expired. It is never delivered as the newest: a stream delivers what is proven to be the beginning of the verified state,
 * and then ends with this error. Wait, or have the writer publish.
 */
export class StaleError extends RemoteLogError {
  override readonly name = "StaleError";
  /**
   * Number of entries of the state that was offered, if it is proven to be the beginning of the verified one. A reader's
   * `from` delivers these before it ends with this error.
   */
  readonly offered?: number;
  /** Number of entries that were verified before. */
  readonly verified?: number;
  constructor(
    message: string,
    options: RemoteLogErrorOptions & {
      readonly offered?: number | undefined;
      readonly verified?: number | undefined;
    },
  ) {
    super("ERR_STALE", message, { retry: "safe", ...options });
    if (options.offered !== undefined) this.offered = options.offered;
    if (options.verified !== undefined) this.verified = options.verified;
  }
}

/**
 * `ERR_ROLLBACK`: the name shows an older state than one that was verified before (or than the floor that
 * was asked for), on a name system that promises not to lag. Nothing of it is delivered.
 */
export class RollbackError extends RemoteLogError {
  override readonly name = "RollbackError";
  /** Number of entries of the state that was offered. */
  readonly offered: number;
  /** Number of entries that were verified before, or that the floor asks for. */
  readonly verified: number;
  constructor(
    message: string,
    options: RemoteLogErrorOptions & { readonly offered: number; readonly verified: number },
  ) {
    super("ERR_ROLLBACK", message, options);
    this.offered = options.offered;
    this.verified = options.verified;
  }
}

/**
 * Two checkpoints of one log, both signed by its key, of which neither extends the other; or a checkpoint of a former key, and the
 * succession that it contradicts. `verifyForkEvidence` checks it without anything else.
 */
export interface ForkEvidence {
  /** The genesis record of the log, from which its id and its first key follow. */
  readonly genesis: Uint8Array;
  /** The successions that led to the key which signed, oldest first. Default: none, it is the key of the genesis record. */
  readonly successions?: readonly string[] | undefined;
  /** The signed checkpoint of the smaller size (at equal sizes: the one that was verified first). */
  readonly smaller: string;
  /** The signed checkpoint of the larger size; or the succession that ended the key. */
  readonly larger: string;
  /**
   * The hashes that connect the larger root with the root that *its* first entries have (the ones that
   * the smaller checkpoint covers); empty if the sizes are equal.
   */
  readonly path: readonly Uint8Array[];
}

/** `ERR_FORK`: the writer's key signed two histories. The log is frozen for this reader. */
export class ForkError extends RemoteLogError {
  override readonly name = "ForkError";
  /** Both signed checkpoints: a proof that anyone can check offline. */
  readonly evidence: ForkEvidence;
  constructor(message: string, options: RemoteLogErrorOptions & { readonly evidence: ForkEvidence }) {
    super("ERR_FORK", message, options);
    this.evidence = options.evidence;
  }
}

/**
 * `ERR_SUPERSEDED`: what was shown is signed with a key that the owner of the log has replaced, and is not part of the log: whoever
 * still has that key wrote it. Or entries were delivered before that came from there: read again from {@link SupersededError.from}
 * on. The evidence proves it.
 */
export class SupersededError extends RemoteLogError {
  override readonly name = "SupersededError";
  /** What the former key signed, and the succession that it contradicts: a proof that anyone can check offline. */
  readonly evidence?: ForkEvidence;
  /** From which sequence number on what was delivered before may be other than what the log has. */
  readonly from?: number;
  constructor(
    message: string,
    options: RemoteLogErrorOptions & {
      readonly evidence?: ForkEvidence | undefined;
      readonly from?: number | undefined;
    },
  ) {
    super("ERR_SUPERSEDED", message, options);
    if (options.evidence !== undefined) this.evidence = options.evidence;
    if (options.from !== undefined) this.from = options.from;
  }
}

/**
 * `ERR_NO_KEY`: the log is private, and the reader has no key that opens its contents: none at all (reason `"no-key"`), another one
 * (`"wrong-key"`), one of another epoch (`"other-epoch"`), or an identity that the writer did not name (`"not-granted"`). Nothing is
 * wrong with the log or its storage. Ask its writer for the link with the key, or for a grant.
 */
export class NoKeyError extends RemoteLogError {
  override readonly name = "NoKeyError";
  /** @param options - with the reason */
  constructor(
    message: string,
    options: RemoteLogErrorOptions & {
      readonly reason: "no-key" | "wrong-key" | "other-epoch" | "not-granted";
    },
  ) {
    super("ERR_NO_KEY", message, options);
  }
}

/**
 * `ERR_REMOVED`: the writer took the content of an entry out of the log, and says so in the signed manifest. Its two hashes are
 * still there, so that all other entries verify.
 */
export class RemovedError extends RemoteLogError {
  override readonly name = "RemovedError";
  /** Sequence number of the entry. */
  readonly sequence: number;
  /** The next entry whose content was not removed; if all from here on were, where the next new one will be. */
  readonly next: number;
  constructor(
    message: string,
    options: RemoteLogErrorOptions & { readonly sequence: number; readonly next: number },
  ) {
    super("ERR_REMOVED", message, options);
    this.sequence = options.sequence;
    this.next = options.next;
  }
}

/**
 * `ERR_WITHHELD`: storage shows an entry without its content, and the writer does not say that it was removed. Whoever runs
 * the storage, or a cache on the way, withholds it: look for another remote, and tell the writer, who can put it back.
 */
export class WithheldError extends RemoteLogError {
  override readonly name = "WithheldError";
  /** Sequence number of the entry. */
  readonly sequence: number;
  constructor(message: string, options: RemoteLogErrorOptions & { readonly sequence: number }) {
    super("ERR_WITHHELD", message, options);
    this.sequence = options.sequence;
  }
}
