// Options of a writer.

import type { DeviceSeed } from "../crypto/index.ts";
import type { KeyValueDatabase } from "../journal/database.ts";
import type { JournalWitness } from "../journal/witness.ts";
import type { GenesisSettings } from "../log/genesis.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { RemoteTraffic } from "../remote/traffic.ts";
import type { Given } from "../with-defaults.ts";
import type { KeyRotation } from "./epoch-keeper.ts";
import type { RemoteProgress } from "./progress.ts";
import type { Retention } from "./retention.ts";

/** Options of {@link openWriter}. */
export interface WriterOptions {
  /**
   * The log's secret: 32 bytes, made once and then kept, as `loadOrCreateSeed` does (in Node that of `@remote-log/fs`, with a
   * file; in browsers that of this package, with a store). Every key of the log follows from it. Or the seed of this device
   * (`deviceSeed`), if the log's recovery seed is kept apart: then the signing key can be replaced.
   */
  readonly seed: Uint8Array | DeviceSeed;
  /**
   * The journal's database, which belongs to the writer alone and is closed by it. `new ClassicLevel(path)` in Node,
   * `new BrowserLevel(name)` in browsers, `new MemoryLevel()` in tests.
   */
  readonly journal: KeyValueDatabase;
  /**
   * Keeps how much was acknowledged outside the database, so that a database that lost entries is noticed when it is opened, and
   * gives out no number twice. LevelDB can lose them without a word. In Node: `fileWitness(path)` of `@remote-log/fs`. It belongs
   * to the writer, which closes it. A journal that had none gets one when it is opened. Default: none.
   */
  readonly witness?: JournalWitness | undefined;
  /** Where to publish; none if the log stays on this device for now. */
  readonly remotes?: readonly Remote[] | undefined;
  /** What a new log fixes for good. Default {@link defaultSettings}. Ignored if the journal has a log already. */
  readonly settings?: Given<GenesisSettings> | undefined;
  /**
   * How many entries a new log must be able to hold: settings with which it would be full before are refused. Default 2^40.
   * A full log is still read, and `append` refuses with `ERR_TOO_LARGE` and the reason `"log-full"`.
   */
  readonly leastCapacity?: number | undefined;
  /**
   * The log that is meant, if it exists already: then an empty journal is refused, and so is a journal of another log. Pass it
   * whenever you know it. Default: whatever log the journal holds, or a new one.
   */
  readonly logId?: string | undefined;
  /**
   * Whether to open the journal to recover it: also if it is empty although the log exists (with `logId`, from which its settings
   * follow), or if it is damaged or lost entries. Then nothing can be appended or published until `recover` has ended. Default
   * false: such a journal is refused with `ERR_JOURNAL_CORRUPT`.
   */
  readonly forRecovery?: boolean | undefined;
  /**
   * `"auto"` (the default) publishes in the background whenever there is something new, and retries after failures
   * that may pass, and seldom after what somebody has to mend there (`ERR_DENIED`,
   * `ERR_QUOTA`, `ERR_INTEGRITY`, `ERR_REMOTE_CHANGED`); `"manual"` waits for {@link Writer.publish}.
   */
  readonly publish?: "auto" | "manual" | undefined;
  /**
   * On how many of the remotes the log has to be to count as published: from 1 to their number. {@link Writer.publish} resolves then, and
   * the stages of receipts that ask for no other number. What the others lack is on its way all the same, and
   * {@link Writer.status} tells why one lags. Default: `publish` waits for all of them, and a stage for any.
   */
  readonly publishedWhen?: number | undefined;
  /**
   * When the read key of a private log changes by itself: after a number of entries, after a time, or whichever comes first. Readers by
   * name get the new key; whoever has a link needs a new one. It changes 223 times at most, then no more. Default: never by itself.
   */
  readonly rotateKey?: KeyRotation | undefined;
  /**
   * Largest content that is embedded in a page, in bytes as stored; a larger one is stored as an object of its own. Default 1,024.
   * Less is embedded if pages could otherwise exceed the 4 MiB that readers accept, or what a remote's storage accepts.
   */
  readonly largestEmbedded?: number | undefined;
  /**
   * Whether older pages are stored together, some 256 entries in an object: `"writer"` (the default) stores them so once they are
   * complete, and of a long import in no other way; `"off"` leaves them as they are. A log can be written either way from one day to
   * the next. Bundles cost about as many bytes as the entries have, once, and make reading all of a log some thirty times fewer
   * requests.
   */
  readonly bundles?: "writer" | "off" | undefined;
  /**
   * What becomes of pages that are in a bundle, once their index node is full, and of index nodes that larger ones replaced: `"keep"` (the
   * default) leaves them; `"delete"` deletes them `graceMilliseconds` after the name leads to none of them any more, if the remote can
   * delete or release. That halves what is stored, and a single old entry is then read out of its bundle. What was stored before the
   * setting was chosen stays.
   */
  readonly oldPages?: "keep" | "delete" | undefined;
  /**
   * Largest content that `append` takes, in bytes. Default 16 MiB, which is also the most: readers accept no more. Never
   * more than the remotes have room for; `Writer.largestContent` tells.
   */
  readonly largestContent?: number | undefined;
  /**
   * Timeout of one request to a remote, in milliseconds; an upload gets one more second for each 32 kB. A request that times
   * out fails with `ERR_TIMEOUT`, and is settled like every unknown outcome. Default: 60,000, and for an update of a
   * name what its name system says that it needs, if that is more (`updateMilliseconds`).
   */
  readonly requestMilliseconds?: number | undefined;
  /**
   * How long the journal and its witness may take to answer, in milliseconds; a write gets one more second for each 32 kB. Then
   * the call fails with `ERR_JOURNAL` and the reason `"no-answer"`, as does everything after it, until the writer is opened
   * again. Default 60,000.
   */
  readonly journalMilliseconds?: number | undefined;
  /**
   * How long objects that a removal replaced, or that `oldPages` deletes, stay on a remote after its name leads to none of them any more, in milliseconds:
   * readers that are on their way to them get that long. Default 600,000, which is ten minutes; 0 deletes them at once.
   */
  readonly graceMilliseconds?: number | undefined;
  /**
   * How much of the log is kept: the newest `entries`, those appended within the last `milliseconds`, or, if both are given, what
   * fits either of them; and in any case the newest snapshot and what follows it. It is applied as the writer publishes, in
   * steps of at least a page, so that up to a sixteenth more is kept for a while. Contents that are not kept are removed as by
   * {@link Writer.keepNewest}, from the journal, too. Default: everything is kept.
   */
  readonly retention?: Retention | undefined;
}

/** The default of `graceMilliseconds`. */
export const GRACE_MILLISECONDS = 600_000;

/** The default of `largestEmbedded`, in bytes. */
export const LARGEST_EMBEDDED = 1024;

/** Options of `Writer.publish`. */
export interface PublishOptions extends OperationOptions {
  /** Whether to look for everything that was published before, too, and to put back what is missing. Default: false. */
  readonly whole?: boolean | undefined;
  /**
   * With `publishedWhen`: how long the call waits for the other remotes, once enough have everything, in milliseconds. Then it resolves
   * whatever they do, and they continue in the background. Default 0.
   */
  readonly othersMilliseconds?: number | undefined;
}

/** How far a log is on this device and on its remotes. */
export interface WriterStatus {
  /** Number of entries that are durable on this device. */
  readonly size: number;
  /** How far each remote is. */
  readonly remotes: readonly RemoteStatus[];
}

/** How far a remote is, and what was asked of it. */
export interface RemoteStatus extends RemoteProgress {
  /** What was asked of it since the writer was opened. */
  readonly traffic: RemoteTraffic;
}

/** Options of `Writer.append`. */
export interface AppendOptions extends OperationOptions {
  /**
   * Whether the entry stands for all before it: the state of an application, say. The manifest names the newest one, so that
   * readers can start there (`Reader.fromSnapshot`). Default: false.
   */
  readonly snapshot?: boolean | undefined;
}

/** Options of {@link Writer.entries}. */
export interface EntriesOptions {
  /** What becomes of entries whose contents were removed: `"fail"` with `ERR_REMOVED`, or `"skip"`. Default `"fail"`. */
  readonly removed?: "fail" | "skip" | undefined;
}
