// What a remote stores of a log, as its writer sees it.

import type { Address } from "../address/address.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { UploadRecords } from "../journal/upload-records.ts";
import type { HeadLevel } from "../log/head.ts";
import type { Pair } from "../log/pair.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";

/** The newest part of a log, all below it stored: what a head is made of. */
export interface StoredTree {
  readonly levels: readonly HeadLevel[];
  readonly pairs: readonly Pair[];
}

/** What the tree of a remote is made with. */
export interface RemoteTreeOptions {
  readonly records: RemoteRecords;
  readonly uploadRecords: UploadRecords;
  readonly storage: StorageBackend;
  /** Largest content that is embedded in a page, in bytes. */
  readonly largestEmbedded: number;
  /** Whether older pages are stored together. Default: false. */
  readonly bundles?: boolean | undefined;
  /** Whether pages that are in bundles, and nodes that were replaced, are noted to be deleted. Default: false. */
  readonly deletesOldPages?: boolean | undefined;
  /** Called as entries are stored: `"uploaded"` for their contents, `"stored"` for their pages, too. */
  readonly onStored: (stage: "uploaded" | "stored", entries: number) => void;
}

/** Options of {@link RemoteTree.store}. */
export interface StoreOptions {
  /**
   * The root that the journal's own tree has at this size: what was read back from the journal must agree with it before
   * anybody signs.
   */
  readonly root: Uint8Array;
  /** Whether there is nothing to publish beyond this size. */
  readonly last: boolean;
  readonly signal: AbortSignal;
}

/** How to look for what is stored. */
export interface DoubtOptions {
  readonly damaged?: readonly Address[] | undefined;
  readonly reads?: boolean | undefined;
}
