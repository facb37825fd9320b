// What a remote stores of a log, as its writer sees it.

import type { Address } from "../address/address.ts";
import type { HeadLevel } from "../log/head.ts";
import type { Pair } from "../log/pair.ts";

/** The newest part of a log, all below it stored: what a head is made of. */
export interface StoredTree {
  readonly levels: readonly HeadLevel[];
  readonly pairs: readonly Pair[];
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
