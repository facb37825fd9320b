// Options of a writer.

import type { KeyValueDatabase } from "../journal/database.ts";
import type { GenesisSettings } from "../log/genesis.ts";
import type { Remote } from "../remote/remote.ts";

/** Options of {@link openWriter}. */
export interface WriterOptions {
  /** The log's secret: 32 bytes, from `generateSeed()` once and then kept. Every key of the log follows from it. */
  readonly seed: Uint8Array;
  /**
   * The journal's database, which belongs to the writer alone and is closed by it. `new ClassicLevel(path)` in Node,
   * `new BrowserLevel(name)` in browsers, `new MemoryLevel()` in tests.
   */
  readonly journal: KeyValueDatabase;
  /** Where to publish; none if the log stays on this device for now. */
  readonly remotes?: readonly Remote[];
  /** What a new log fixes for good. Default {@link defaultSettings}. Ignored if the journal has a log already. */
  readonly settings?: Partial<GenesisSettings>;
  /**
   * How many entries a new log must be able to hold: settings with which it would be full before are refused. Default 2^40.
   * A full log is still read, and `append` refuses with `ERR_TOO_LARGE` and the reason `"log-full"`.
   */
  readonly leastCapacity?: number;
  /**
   * The log that is meant, if it exists already: then an empty journal gets its settings, which follow from the id, so that
   * `recover` finds its entries; and a journal of another log is refused. Default: whatever log the journal holds.
   */
  readonly logId?: string;
  /**
   * `"auto"` (the default) publishes in the background whenever there is something new, and retries after failures
   * that may pass; `"manual"` waits for {@link Writer.publish}.
   */
  readonly publish?: "auto" | "manual";
  /**
   * Largest content that is embedded in a page, in bytes; a larger one is stored as an object of its own. Default 1,024.
   * Less is embedded if pages could otherwise exceed the 4 MiB that readers accept, or what a remote's storage accepts.
   */
  readonly largestEmbedded?: number;
  /**
   * Largest content that `append` takes, in bytes. Default 16 MiB, which is also the most: readers accept no more. Never
   * more than the remotes have room for; `Writer.largestContent` tells.
   */
  readonly largestContent?: number;
  /**
   * Timeout of one request to a remote, in milliseconds; an upload gets one more second for each 32 kB. A request that times
   * out fails with `ERR_TIMEOUT`, and is settled like every unknown outcome. Default: 60,000, and for an update of a
   * name what its name system says that it needs, if that is more (`updateMilliseconds`).
   */
  readonly requestMilliseconds?: number;
}

/** The default of `largestEmbedded`, in bytes. */
export const LARGEST_EMBEDDED = 1024;
