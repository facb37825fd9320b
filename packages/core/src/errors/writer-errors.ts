// What a writer can find out about its own journal and about others that write under its key.

import { RemoteLogError, type RemoteLogErrorOptions } from "./remote-log-error.ts";

/**
 * `ERR_CONFLICT`: the name holds a history, signed with this log's key, that this journal does not know and
 * that contradicts it. Somebody else writes under the same key. Nothing was overwritten.
 */
export class ConflictError extends RemoteLogError {
  override readonly name = "ConflictError";
  /** The head that was found under the name. */
  readonly foreign: Uint8Array;
  constructor(message: string, options: RemoteLogErrorOptions & { readonly foreign: Uint8Array }) {
    super("ERR_CONFLICT", message, options);
    this.foreign = options.foreign;
  }
}

/**
 * `ERR_RESTORED`: a remote is ahead of this journal, with entries that this log's key signed: the journal was
 * restored from a backup (or copied). It signs nothing until `recover()` has read what it lacks.
 */
export class RestoredError extends RemoteLogError {
  override readonly name = "RestoredError";
  /** Number of entries in the journal. */
  readonly local: number;
  /** Number of entries on the remote. */
  readonly published: number;
  constructor(
    message: string,
    options: RemoteLogErrorOptions & { readonly local: number; readonly published: number },
  ) {
    super("ERR_RESTORED", message, options);
    this.local = options.local;
    this.published = options.published;
  }
}

/**
 * `ERR_JOURNAL`: the journal could not be written or read. After a failed write the writer must be opened again. With the reason
 * `"no-answer"` it did not answer in time: whether a write took effect is then unknown, and what was acknowledged is safe.
 */
export class JournalError extends RemoteLogError {
  override readonly name = "JournalError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_JOURNAL", message, options);
  }
}

/** `ERR_JOURNAL_LOCKED`: another writer, here or in another process, has this journal open. */
export class JournalLockedError extends RemoteLogError {
  override readonly name = "JournalLockedError";
  constructor(message: string, options: RemoteLogErrorOptions) {
    super("ERR_JOURNAL_LOCKED", message, options);
  }
}

/** What a {@link JournalCorruptError} carries besides its message. */
export interface JournalCorruptErrorOptions extends RemoteLogErrorOptions {
  /** The entries that were acknowledged and are missing. */
  readonly lost?: LostEntries | undefined;
}

/** Entries that were acknowledged and that the journal lost. */
export interface LostEntries {
  /** Sequence number of the first. All before it are safe. */
  readonly from: number;
  /** Sequence number after the last. */
  readonly to: number;
}

/**
 * `ERR_JOURNAL_CORRUPT`: the journal holds bytes that no writer wrote, or lacks what was acknowledged. Nothing is signed on top
 * of it, and nothing was appended. With the reason `"lost"` it has fewer entries than were acknowledged, or other ones; with
 * `"empty"` it is empty although its log exists; with `"witness"` its witness is damaged, or that of another log; with
 * `"database"` its database says that it is damaged; with `"lost-for-good"` no remote has what is missing; with `"lost-signed"` that was signed as well, so that readers may have it: entries, or versions of the manifest.
 */
export class JournalCorruptError extends RemoteLogError {
  override readonly name = "JournalCorruptError";
  /** The entries that were acknowledged and are missing; absent if that is not known, or none are. */
  readonly lost?: LostEntries;
  constructor(message: string, options: JournalCorruptErrorOptions) {
    super("ERR_JOURNAL_CORRUPT", message, options);
    if (options.lost !== undefined) this.lost = options.lost;
  }
}
