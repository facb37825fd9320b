// One promise of a reader's store, as data, and what a case works with.

import type { ReaderStore } from "@remote-log/core";
import type { Level } from "../case.ts";
import type { OpenedReaderStore } from "./fixture.ts";

/** What has to be there for a case to run: a function of the fixture, or of what it opens. */
export type ReaderStoreRequirement = "reopen" | "close" | "crash";

/** What a case works with. */
export interface ReaderStoreContext {
  /** What the fixture opened. */
  readonly opened: OpenedReaderStore;
  /** Its store. */
  readonly store: ReaderStore;
  /** Whether the fixture can open further instances. */
  readonly canReopen: boolean;
  /** Opens a further instance on the same data. The suite closes it. Requires `"reopen"`. */
  readonly reopen: () => Promise<OpenedReaderStore>;
  /** Closes every instance that is open. */
  readonly closeAll: () => Promise<void>;
  /** Ends an instance as a kill would. Requires `"crash"`. */
  readonly crash: (opened: OpenedReaderStore) => Promise<void>;
}

/** One promise of a reader's store, as data. */
export interface ReaderStoreCase {
  /** Stable identifier, such as `"STORE-CAS-03"`: never used again for another promise, never renumbered. */
  readonly id: string;
  /** How binding it is. */
  readonly level: Level;
  /** The promise, as a sentence. */
  readonly title: string;
  /** What has to be there for it to run. */
  readonly requires: readonly ReaderStoreRequirement[];
  /** Checks the promise: rejects if the store does not keep it. */
  run(context: ReaderStoreContext): Promise<void>;
}
