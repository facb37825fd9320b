// What a reader is made of.

import type { Remote } from "../remote/remote.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Contacts } from "./contacts.ts";
import type { Cursors } from "./cursors.ts";
import type { NewestState } from "./newest-state.ts";
import type { ReaderOptions } from "./reader-options.ts";
import type { StatusKeeper } from "./reader-status.ts";

/** What a reader is made of. */
export interface ReaderParts {
  readonly options: ReaderOptions;
  readonly arrivals: Arrivals;
  readonly contacts: Contacts;
  readonly cursors: Cursors;
  readonly newest: NewestState;
  readonly status: StatusKeeper;
  readonly limits: ReaderLimits;
  readonly closing: AbortController;
  /** Grows if the log is found to live elsewhere, too. */
  readonly remotes: Remote[];
}
