// Options of a reader.

import type { Retry } from "../async/retry.ts";
import type { Policy, PolicyReport } from "../cosign/policy.ts";
import { InvalidInputError } from "../errors/index.ts";
import type { ReaderIdentity } from "../keyring/index.ts";
import type { ReadKey } from "../log/read-key.ts";
import { checkCount } from "../options/check-option-types.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { Floor } from "../tree/floor.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { Given } from "../with-defaults.ts";
import type { ReaderCache } from "./reader-cache.ts";
import type { ReaderStatus } from "./reader-status.ts";
import type { ReaderStore } from "./reader-store.ts";
import type { RemoteReport } from "./remote-report.ts";

/** Options of `openReader`. */
export interface ReaderOptions {
  /** The log: 64 hexadecimal digits. With a remote, it is all that a reader of a public log needs. */
  readonly logId: string;
  /** Where to read from; at least one. All are asked, and the newest verified state wins. */
  readonly remotes: readonly Remote[];
  /**
   * The key of a private log, as `parseLink` finds it in a link, or as `Writer.readKey`. Without it the reader still syncs, and
   * proves; it can't open contents (`ERR_NO_KEY`). Not needed for a public log.
   */
  readonly key?: ReadKey | undefined;
  /**
   * The reader's own identity, in place of a key: `new ReaderIdentity(text)` of `@remote-log/core/keyring`. It opens what the writer
   * granted to its recipient (`Writer.grant`), and nothing else: `ERR_NO_KEY` with the reason `"not-granted"`.
   */
  readonly identity?: ReaderIdentity | undefined;
  /**
   * What reading entries of a private log does without a key: `"fail"` with `ERR_NO_KEY`, or deliver them `"sealed"`: the content
   * as storage has it, and as the id what the log has instead of it. That is for whoever checks a log that is not theirs to
   * read; it says that everything is there, and not what. Default `"fail"`.
   */
  readonly withoutKey?: "fail" | "sealed" | undefined;
  /** What the reader keeps between runs. Default: nothing; then a later run cannot notice a rollback. */
  readonly store?: ReaderStore | undefined;
  /**
   * Where the reader keeps what it reads, to read it again without asking: `memoryCache()`, `folderCache(…)` or `indexedDbCache(…)` of
   * `@remote-log/layers`. Objects are kept as storage has them: those of a private log are sealed, and everything is verified again when it is used. If
   * there is no {@link ReaderOptions.store}, the state and the cursors are kept there, too.
   *
   * If no remote shows the newest state, `from` and `follow` deliver what is kept of the newest verified one, and then fail as the sync did, or wait if they are live;
   * `latest` returns what is kept if the failure may pass. {@link ReaderOptions.onSync} and {@link Reader.status} tell that nobody could look for newer entries.
   * Default: nothing is kept.
   */
  readonly cache?: ReaderCache | undefined;
  /** The least state to accept on first contact. */
  readonly floor?: Floor | undefined;
  /** How much to read before verifying. Default {@link defaultLimits}. */
  readonly limits?: Given<ReaderLimits> | undefined;
  /**
   * Opens remotes that the reader does not have: called after a sync with the URIs at which the log says that it lives
   * (`Writer.setRemotes`), with each once. What it returns is asked from then on, at first in the same sync, and belongs to the
   * caller; one with a label that the reader has already is left out. They come from whoever writes the log: open them without
   * credentials. Default: nothing is opened.
   */
  readonly furtherRemotes?: ((uris: readonly string[]) => Promise<readonly Remote[]>) | undefined;
  /** How often a live stream polls, in milliseconds; sooner if a name system tells of a change. Default 5,000. */
  readonly pollMilliseconds?: number | undefined;
  /**
   * How often one read is repeated at most, if it failed in a way that may pass (`error.retry` is not `"never"`) and no other
   * remote has the answer. Default 6, which takes 3 seconds on average, or as long as the service asks for (`Retry-After`). A
   * live stream, besides, asks again at each poll.
   */
  readonly retries?: number | undefined;
  /** Called before each wait for a retry. It must not throw. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /**
   * Who has to have cosigned a state: `new Policy(text)` of `@remote-log/core/cosign`. After each sync the reader says whether it holds, and
   * for which state (`SyncResult.policy`, `Reader.status`). It delivers entries all the same. Default: nobody is asked for.
   */
  readonly policy?: Pick<Policy, "check"> | undefined;
  /**
   * Called after each sync, also those that `latest`, `from` and `follow` make: the way to hear what they do not return, such
   * as a remote whose state could not be verified, or that a live stream waits for a state that was seen before. It must not
   * throw.
   */
  readonly onSync?: ((outcome: SyncOutcome) => void) | undefined;
  /**
   * Called whenever what {@link Reader.status} returns has changed, besides the times at which remotes answered: when a remote
   * stops answering or answers again, when there are new entries, and when all of them were delivered. It must not throw.
   */
  readonly onStatus?: ((status: ReaderStatus) => void) | undefined;
}

/** How a sync ended: with a result, or with the error that it failed with. */
export type SyncOutcome =
  | { readonly status: "synced"; readonly result: SyncResult }
  | { readonly status: "failed"; readonly error: unknown };

/** Options of `Reader.from`. */
export interface FromOptions extends OperationOptions {
  /** Whether to wait for new entries at the end instead of ending. Default false. */
  readonly live?: boolean | undefined;
  /**
   * What becomes of entries whose contents the writer removed, or does not keep any more: `"fail"` ends the stream with
   * `ERR_REMOVED`, whose `next` is the next entry that is there; `"skip"` passes over them, so that sequence numbers have a gap.
   * Default `"fail"`.
   */
  readonly removed?: "fail" | "skip" | undefined;
}

/** Options of `Reader.follow`. */
export interface FollowOptions extends OperationOptions {
  /** Name of the cursor, kept in the reader's store. */
  readonly cursor: string;
  /** Whether to wait for new entries at the end instead of ending. Default true. */
  readonly live?: boolean | undefined;
  /**
   * What becomes of entries whose contents the writer removed, or does not keep any more: `"fail"` ends the stream with
   * `ERR_REMOVED`, whose `next` is the next entry that is there; `"skip"` passes over them, so that sequence numbers have a gap.
   * Default `"fail"`.
   */
  readonly removed?: "fail" | "skip" | undefined;
}

/** What `Reader.sync` found. */
export interface SyncResult {
  /** Number of entries of the newest verified state. */
  readonly size: number;
  /** Whether it is newer than the one known before. */
  readonly advanced: boolean;
  /** What each remote showed. */
  readonly remotes: readonly RemoteReport[];
  /**
   * A larger state that a remote has shown at this sync or earlier: the writer signed it, and nobody has shown that it extends
   * the newest verified one. There are newer entries, or the log was forked; whoever shows more will tell. Absent if there is
   * none.
   */
  readonly seen?: { readonly size: number; readonly label: string };
  /** What the reader's policy says of the states that remotes showed; absent without a policy. */
  readonly policy?: PolicyReport;
}

/** The longest time that timers can wait, in milliseconds; they do not wait at all for more. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Checks the interval between polls.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkPoll(milliseconds: number | undefined): void {
  if (milliseconds === undefined || (milliseconds >= 1 && milliseconds <= LONGEST_WAIT)) return;
  throw new InvalidInputError(`pollMilliseconds must be from 1 to ${LONGEST_WAIT}, not ${milliseconds}.`, {
    operation: "reader.open",
  });
}

/**
 * Checks how often a read is repeated, if it is said.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkRetries(retries: number | undefined): void {
  if (retries !== undefined) checkSequence(retries, "open", "retries");
}

/**
 * Checks a sequence number or a number of entries.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkSequence(value: number, operation: string, name = "The number"): void {
  checkCount(value, { name, operation: `reader.${operation}` });
}
