// What the author of a storage writes: a driver, which talks to the service. The shell does the rest.

import type { Address } from "../address/address.ts";
import type { ByteRange, StorageCapabilities } from "../remote/storage-backend.ts";
import type { Call, OperationContext } from "./call.ts";
import type { Interruption } from "./lifetime.ts";
import type { CallLimits } from "./limit-calls.ts";

/** What drivers of both kinds say of themselves. */
export interface Driver {
  /** Short name for people, in errors and reports: `"fs"`. */
  readonly name: string;
  /** Where the data is, for messages: `"s3://bucket/logs"`, `"https://example.org"`. No secret may be part of it. */
  readonly place: string;
  /** How messages connect an action with the place. Default `"at"`. */
  readonly preposition?: "at" | "in";
  /** What the caller can do about a content over `largestContent`, as a sentence. */
  readonly tooLarge?: string;
  /** What ends an operation whose caller gave up. Default `"immediate"`. */
  readonly interruption?: Interruption;

  /**
   * What a failure of the client or the runtime means: the adapter's real work. Called for whatever a method of the driver
   * throws that is not an error of this project. `failureOf` makes an error out of a kind. Never let it say that something is
   * absent: "not there" is an answer, which the methods give.
   */
  translate(error: unknown, context: OperationContext): unknown;

  /** Lets go of connections, timers and handles. Called once, when no caller waits any more. */
  close?(): void | Promise<void>;
}

/** A storage as its author writes it. {@link defineStorage} makes a `StorageBackend` out of it. */
export interface StorageDriver extends Driver {
  /**
   * What the storage can do. `delete`, `getLocal` (as `localReads`), `getRange` (as `ranges`), `list` and `release` are declared by
   * being there; so is `putMany`, with the limits that stand here. Default for these: 16 contents, and 1 MiB.
   */
  readonly capabilities: Omit<
    StorageCapabilities,
    "delete" | "list" | "localReads" | "ranges" | "release"
  > & {
    /** The largest content that `get` takes in, in bytes. Default: `largestContent`. */
    readonly largestRead?: number;
  };
  /** How many calls run at once, and how long each may take: made by `limitCalls`. Default: no limits. */
  readonly limits?: CallLimits;

  /**
   * Stores a content. It is a copy, and within the limits.
   *
   * @returns its address, once it is as durable as the service can say
   */
  put(content: Uint8Array, call: Call): Promise<Address>;

  /**
   * Stores several contents in fewer requests than `put` would need. They are copies, at least one, and within the limits.
   *
   * @returns for each of them, in their order: its address, or what it failed with. Throw only if nothing is known of any
   */
  putMany?(contents: readonly Uint8Array[], call: Call): Promise<readonly (Address | Error)[]>;

  /**
   * Reads a content. The kind of the address was checked.
   *
   * @param limit - the maximum number of bytes to accept; stop reading past it
   * @returns `undefined` only if the service said that it is not there
   */
  get(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined>;

  /**
   * Reads a part of a content: what lies past its end is left out. The kind of the address and the numbers were checked. Read no
   * more than the length, even if the service sends everything; over HTTP, {@link readRange} does so.
   *
   * @returns `undefined` only if the service said that the content is not there
   */
  getRange?(address: Address, range: ByteRange, call: Call): Promise<Uint8Array | undefined>;

  /**
   * Reads a content from the storage's own store, if `get` asks others as well (`absence` is `"local"`). Otherwise as `get`.
   *
   * @returns `undefined` only if that store said that it does not have it
   */
  getLocal?(address: Address, limit: number, call: Call): Promise<Uint8Array | undefined>;

  /** Whether a content is there; `false` only if the service said that it is not. */
  has(address: Address, call: Call): Promise<boolean>;

  /** Removes a content; what is not there is no error. */
  delete?(address: Address, call: Call): Promise<void>;

  /** Takes away what keeps a content for this user, such as a pin; what is not kept is no error. */
  release?(address: Address, call: Call): Promise<void>;

  /** The addresses of what is stored, in any order. Addresses of kinds that are not declared are left out by the shell. */
  list?(call: Call): AsyncIterable<Address>;
}

/**
 * A storage that can only be read, as its author writes it: a web server, a gateway. The shell refuses `put` with
 * `ERR_UNSUPPORTED` and the reason `"read-only"`, whatever the content.
 */
export interface ReadOnlyStorageDriver extends Omit<StorageDriver, "put" | "putMany" | "delete" | "release"> {
  /** Why nothing can be written, and what a caller should do instead, as sentences. */
  readonly readOnly: string;
}
