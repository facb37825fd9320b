// What the author of a key-value adapter writes: how to open the service, seven short methods, and what errors mean.

import type { RemoteLogError } from "../errors/index.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Call } from "./call.ts";
import type { FailureKind } from "./failure.ts";
import type { ChangeListener, Unsubscribe } from "./name-driver.ts";

/** What a key held. */
export interface KeyValue {
  readonly value: Uint8Array;
  /** Text that no earlier value of the key had: a version, a sequence number. */
  readonly revision: Revision;
}

/** What a read asks for. */
export interface KeyValueRead extends Call {
  /** The maximum number of bytes to accept. A service that can stops there; the shell refuses anything longer in any case. */
  readonly limit: number;
  /** A revision that the caller has: `"unchanged"` is a possible answer then, if the service can compare by itself. */
  readonly known?: Revision | undefined;
}

/**
 * An open key-value service. Contents are written by `put` and removed by `delete`, names are written by `putIf` and never
 * removed; `list` is asked for contents, `watch` for names. Keys have at most 71 characters, a–z, 0–9 and `-`, after the prefix. Methods throw whatever their
 * client throws: `means` tells what it is.
 */
export interface KeyValueStore {
  /** Reads a key; `undefined` only if the service said that it is not there. */
  get(key: string, read: KeyValueRead): Promise<KeyValue | "unchanged" | undefined>;
  /** Whether a key is there. Default: by `get`. */
  has?(key: string, call: Call): Promise<boolean>;
  /** Sets a key, whatever it holds. */
  put(key: string, value: Uint8Array, call: Call): Promise<void>;
  /**
   * Sets a key if it still has a revision, or is not there (`null`), in one step of the service.
   *
   * @returns the new revision; `undefined` if the key holds something else
   */
  putIf(key: string, value: Uint8Array, expected: Revision | null, call: Call): Promise<Revision | undefined>;
  /** Removes a key; one that is not there is no error. */
  delete?(key: string, call: Call): Promise<void>;
  /** The keys that begin with a prefix, in any order. */
  list?(prefix: string, call: Call): AsyncIterable<string>;
  /** Tells of changes of a key, from the moment on at which it resolves. */
  watch?(key: string, listener: ChangeListener, call: Call): Promise<Unsubscribe>;
  /** The largest value that the service takes, if that is known only after connecting. */
  readonly largestValue?: number;
  /** Closes the connection. */
  close?(): void | Promise<void>;
}

/** A key-value service as its author describes it. {@link defineKeyValue} makes a remote out of it. */
export interface KeyValueDriver {
  /** Short name for people: `"nats"`. */
  readonly name: string;
  /** Where it is, for messages: `"nats://localhost:4222/bucket"`. No secret may be part of it. */
  readonly place: string;
  /** What every key begins with, so that several remotes fit into one service. Default: nothing. */
  readonly prefix?: string;
  /** The largest value, in bytes: of contents and of names. */
  readonly largestValue: number;
  /** What the service can do beyond `get`, `put` and `putIf`. Default: none of it; reading one's own writes is taken for true. */
  readonly can?: {
    readonly delete?: boolean;
    readonly list?: boolean;
    readonly watch?: boolean;
    readonly readYourWrites?: boolean;
  };
  /**
   * Opens the service. Called at the first use, and again after `lost` was called.
   *
   * @param lost - to be called when the connection has ended by itself
   */
  open(signal: AbortSignal, lost: (error: unknown) => void): Promise<KeyValueStore>;
  /**
   * What an error of the client means: `"absent"` (to a read or a removal), `"conflict"` (to `putIf`), a kind of failure, or
   * an error of one's own. `undefined` is `"unreachable"`, which is always right: nothing is known then.
   */
  means?(error: unknown): FailureKind | "absent" | "conflict" | RemoteLogError | undefined;
}
