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
   * `"auto"` (the default) publishes in the background whenever there is something new, and retries after failures
   * that may pass; `"manual"` waits for {@link Writer.publish}.
   */
  readonly publish?: "auto" | "manual";
  /**
   * Largest content that is embedded in a page, in bytes; a larger one is stored as an object of its own. Default 1,024.
   * Readers take pages and heads of up to 4 MiB by default: keep the leaf size times this below it.
   */
  readonly largestEmbedded?: number;
  /**
   * Largest content that `append` takes, in bytes. Default 16 MiB, which is what readers accept by default; never more
   * than the storages of the remotes accept.
   */
  readonly largestContent?: number;
  /**
   * Timeout of one request to a remote, in milliseconds; an upload gets one more second for each 32 kB. A request that times
   * out fails with `ERR_TIMEOUT`, and is settled like every unknown outcome. Default: 60,000, and for an update of a
   * name what its name system says that it needs, if that is more (`updateMilliseconds`).
   */
  readonly requestMilliseconds?: number;
}

/** The largest content that readers accept by default, in bytes. */
const LARGEST_CONTENT: number = 16 * 2 ** 20;

/** The default of `largestEmbedded`, in bytes. */
export const LARGEST_EMBEDDED = 1024;

/** The largest content that a log with these options takes, in bytes. */
export function largestContentOf({ remotes = [], largestContent = LARGEST_CONTENT }: WriterOptions): number {
  return Math.min(largestContent, ...remotes.map(({ storage }) => storage.capabilities.largestContent));
}
