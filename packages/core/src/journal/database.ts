// What is used of an `abstract-level` database.

import { type OptionKind, withMethods } from "../options/option-kinds.ts";

/** The encoding of every key and value: bytes, unchanged. */
export interface ViewEncoding {
  readonly keyEncoding: "view";
  readonly valueEncoding: "view";
}

/** One step of a batch. */
export type BatchOperation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

/** One step of a batch of the journal; a value may be in parts, which are joined. */
export type JournalOperation =
  | BatchOperation
  | { readonly type: "put"; readonly key: Uint8Array; readonly parts: readonly Uint8Array[] };

/** A range of keys, in the order of their bytes. */
export interface KeyRange {
  /** The first key. */
  readonly gte: Uint8Array;
  /** The key before which the range ends. */
  readonly lt: Uint8Array;
  /** Whether the last comes first. Default false. */
  readonly reverse?: boolean;
  /** The most keys. Default: all. */
  readonly limit?: number;
}

/**
 * What is used of an `abstract-level` database (version 2 or 3). Pass a `ClassicLevel` in Node, a `BrowserLevel`
 * in browsers, a `MemoryLevel` in tests; the encodings that it was made with do not matter.
 */
export interface KeyValueDatabase {
  /** `"open"`, `"opening"`, `"closing"` or `"closed"`. */
  readonly status: string;
  /** Opens it. If another process has it open, it rejects with code `LEVEL_LOCKED`, or with such a cause. */
  open(): Promise<void>;
  /** Closes it. */
  close(): Promise<void>;
  /** The value under a key, or `undefined`. */
  get(key: Uint8Array, options: ViewEncoding): Promise<Uint8Array | undefined>;
  /** Does all steps or none. With `sync` (default false) they are on disk when it resolves. */
  batch(operations: BatchOperation[], options: ViewEncoding & { readonly sync?: boolean }): Promise<void>;
  /** The keys of a range with their values, in order. */
  iterator(options: ViewEncoding & KeyRange): AsyncIterable<[Uint8Array, Uint8Array]>;
  /**
   * Makes the database forget on disk what was deleted or replaced in a range of keys; `ClassicLevel` has it. Without it,
   * deleted bytes stay in its files until it tidies them up by itself.
   */
  compactRange?(start: Uint8Array, end: Uint8Array, options: { readonly keyEncoding: "view" }): Promise<void>;
}

/** What an option that is such a database has to be. */
export const databaseKind: OptionKind = withMethods(
  ["open", "close", "get", "batch", "iterator"],
  'an abstract-level database, such as `new ClassicLevel("folder")` of classic-level in Node.js or ' +
    '`new BrowserLevel("name")` of browser-level in browsers',
);

/** The options of every call. */
export const viewEncoding: ViewEncoding = { keyEncoding: "view", valueEncoding: "view" };
