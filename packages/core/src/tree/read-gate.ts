// What reads of a tree go through, on their way to a storage.

import type { Address } from "../address/address.ts";
import type { HashType } from "../address/hash-type.ts";
import type { Semaphore } from "../async/semaphore.ts";

/** Through what reads go: it runs each when there is room for it. */
export interface ReadGate extends Pick<Semaphore, "run"> {
  /** The same, for a read that nobody depends on: it is not repeated, and how it ends counts for nothing. Default: {@link run}. */
  once?<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /**
   * Reads an object from where it was kept before; otherwise with `read`, and keeps it. Then parts of objects are not read: nobody
   * could tell later whether a part is right. Default: nothing is kept.
   */
  readThrough?(
    address: Address,
    options: ObjectReading,
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array>;
}

/** How an object is read. */
export interface ObjectReading {
  /** The kinds of address that the storage accepts. */
  readonly hashTypes: readonly HashType[];
  /** The most bytes to accept. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}
