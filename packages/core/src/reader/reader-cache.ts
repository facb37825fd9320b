// Where a reader keeps what it has read, to read it again without its remotes: the contract.

import type { OperationOptions } from "../remote/storage-backend.ts";

/** Options of {@link ReaderCache.put}. */
export interface CachePutOptions extends OperationOptions {
  /** Whether the value is to stay as long as there is anything else to evict: it is small, and the rest is of no use without it. Default false. */
  readonly keep?: boolean | undefined;
}

/**
 * Where a reader keeps what it has read: objects, by the text of their addresses, and records of its own. `@remote-log/layers` has caches in memory,
 * in a folder and in IndexedDB.
 *
 * Nothing that comes out of it is believed: an object is checked against its address, and a record against a hash that is kept with it; what is damaged is
 * removed, and read anew. So a cache may forget anything at any time, and nothing has to be durable when `put` resolves. It has to give a value as it was
 * put or not at all, as far as it can tell; to keep no bytes that it is given, and to give none that it keeps; and to reject with the reason of a signal that has fired.
 *
 * A cache that fails makes no read fail: what it can't give is read from a remote. Any number of readers may share one.
 */
export interface ReaderCache {
  /** The value under a key; `undefined` if it has none. */
  get(key: string, options?: OperationOptions): Promise<Uint8Array | undefined>;
  /** Keeps a value, in the place of an earlier one. */
  put(key: string, value: Uint8Array, options?: CachePutOptions): Promise<void>;
  /** Removes a value; what is not there is no error. */
  delete(key: string, options?: OperationOptions): Promise<void>;
}
