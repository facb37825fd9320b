// Options of both halves.

import type { NameTable } from "./name-table.ts";

/** Options of `memoryStorage`. */
export interface MemoryStorageOptions {
  /** The largest content that `put` takes, in bytes. Default: 16 MiB. */
  readonly largestContent?: number;
  /**
   * Where the contents are kept, by the text of their address. Instances over the same map share them.
   * Default: a new map.
   */
  readonly contents?: Map<string, Uint8Array>;
}

/** Options of `memoryNames`. */
export interface MemoryNamesOptions {
  /** The largest content of a name, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
  /** Where the names are kept. Instances over the same table share them. Default: a new table. */
  readonly table?: NameTable;
}
