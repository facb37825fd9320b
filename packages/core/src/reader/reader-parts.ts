// What a reader is made of.

import type { Remote } from "../remote/remote.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Contacts } from "./contacts.ts";
import type { Cursors } from "./cursors.ts";
import type { NewestState } from "./newest-state.ts";
import type { ReaderOptions } from "./reader-options.ts";
import type { StatusKeeper } from "./reader-status.ts";
import type { RemoteReport } from "./remote-report.ts";

/** Wraps the syncs of a reader. */
export type SyncWith = (sync: () => Promise<RemoteReport[]>, parts: ReaderParts) => Promise<RemoteReport[]>;

/** What a reader is made of. */
export interface ReaderParts {
  readonly options: ReaderOptions;
  /** How each sync goes about it: what finds further remotes syncs again. Default: it syncs. */
  readonly syncWith?: SyncWith;
  readonly arrivals: Arrivals;
  readonly contacts: Contacts;
  readonly cursors: Cursors;
  readonly newest: NewestState;
  readonly status: StatusKeeper;
  readonly limits: ReaderLimits;
  /** Whether it keeps what it reads. */
  readonly isKeeping: boolean;
  readonly closing: AbortController;
  /** Grows if the log is found to live elsewhere, too. */
  readonly remotes: Remote[];
}
