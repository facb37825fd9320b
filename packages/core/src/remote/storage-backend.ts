// The CAS of a remote, as an adapter implements it: `Add` and `Get` in 3/REMOTE-LOG.

import type { Address } from "../address/address.ts";
import type { HashType } from "../address/hash-type.ts";

/** Options that every operation on a backend takes. */
export interface OperationOptions {
  /**
   * Ends the operation: it rejects with the signal's reason, unchanged. After an aborted write the outcome
   * is unknown.
   */
  readonly signal?: AbortSignal | undefined;
}

/** A part of a content: its bytes from `offset` up to `offset + length`. */
export interface ByteRange {
  /** The first byte, a whole number from 0. */
  readonly offset: number;
  /** How many bytes, a whole number from 1. */
  readonly length: number;
}

/** Options of {@link StorageBackend.get}. */
export interface GetOptions extends OperationOptions {
  /** The most bytes that the caller takes; the backend stops reading past it. No limit of its own by default. */
  readonly maxBytes?: number | undefined;
  /**
   * The part of the content to read. Only for a backend that declares `ranges`. What lies past the end of the content is left out,
   * so that less may come, or nothing. No hash of the content vouches for a part of it: the caller has to know what it must be.
   */
  readonly range?: ByteRange | undefined;
  /**
   * Whether the backend's own store alone is asked, as by `has`: what that lacks is `ERR_NOT_FOUND`, whoever else may hold it. Only
   * for a backend that declares `localReads`, and not together with `range`. Default: false.
   */
  readonly local?: boolean | undefined;
}

/** How much one call of {@link StorageBackend.putMany} takes. */
export interface PutManyLimits {
  /** The most contents, a whole number from 2. */
  readonly contents: number;
  /** The most bytes of all of them together. A content of more bytes is for `put` alone. */
  readonly bytes: number;
}

/** What became of one content of {@link StorageBackend.putMany}: as `Promise.allSettled` would tell it of a `put`. */
export type PutOutcome = PromiseSettledResult<Address>;

/** What a {@link StorageBackend} declares of itself. Declared once, never changed, and checked by the conformance suite. */
export interface StorageCapabilities {
  /** The largest content that `put` takes, in bytes. */
  readonly largestContent: number;
  /** The kinds of address accepted, at least one; `put` uses the first. */
  readonly hashTypes: readonly HashType[];
  /** Whether a content can be read by anyone as soon as `put` has resolved. */
  readonly readYourWrites: boolean;
  /** Whether `delete` is there. */
  readonly delete: boolean;
  /** Whether `list` is there. */
  readonly list: boolean;
  /**
   * Whether `release` is there. Default: false. A storage that can neither delete nor release forgets nothing when it is asked to:
   * what was stored stays for as long as the network keeps it.
   */
  readonly release?: boolean;
  /** That `putMany` is there, and how much one call of it takes. Default: it is not there. */
  readonly putMany?: PutManyLimits;
  /**
   * Whether `get` takes a `range`, and reads little more than that. Default: false. Readers then read one page out of many that
   * are stored together.
   */
  readonly ranges?: boolean;
  /**
   * Who can say that a content is not there. `"known"`, the default: the backend itself. `"local"`: only its own store,
   * while others may hold the content. Then `has` asks that store alone, and `get` looks further: if nobody showed
   * the content in time it ends with `TimeoutError`, because that is all that is known.
   */
  readonly absence?: "known" | "local";
  /**
   * Whether `get` takes `local`, for a backend whose absence is `"local"`. Default: false. Writers then read back by one request what
   * has to be in this store; otherwise they ask `has` before.
   */
  readonly localReads?: boolean;
  /**
   * What it means that a content is there. `"kept"`, the default: it stays. `"passing"`: it may be there for the sake of somebody
   * else, who pinned it, or paid for it from a batch that ends; only what a writer stores itself is kept for it. Then a writer that
   * comes to a place that its journal does not know sends everything, whatever is there.
   */
  readonly presence?: "kept" | "passing";
  /**
   * What a request costs: as much as this many bytes that are read. Default 2,048. Readers go by it when they choose between
   * one large object and several small ones.
   */
  readonly requestBytes?: number;
}

/**
 * The CAS of a remote: content-addressed storage (`Add` and `Get` in 3/REMOTE-LOG).
 *
 * It is never trusted: the core hashes what `get` returns and compares it with the address. An adapter must
 * translate faithfully, and distinguish what its service says; see the errors of each method.
 *
 * Every method rejects with the signal's own reason on an abort, with `UnreachableError` if no usable answer
 * came, `TimeoutError`, `DeniedError`, and `ClosedError` after `close`. None keeps or changes the bytes that it
 * is given, and what it returns belongs to the caller.
 */
export interface StorageBackend {
  /** Short name for people, in errors and reports: `"fs"`. */
  readonly name: string;
  /** What this backend can do. */
  readonly capabilities: StorageCapabilities;

  /**
   * Stores a content. Storing the same bytes again is not an error and gives the same address.
   *
   * @returns the address, once the content is durable as far as the backend can say
   * @throws TooLargeError `ERR_TOO_LARGE` over `largestContent`, before anything is sent
   * @throws QuotaExhaustedError `ERR_QUOTA`
   */
  put(content: Uint8Array, options?: OperationOptions): Promise<Address>;

  /**
   * Stores several contents at once, in fewer requests than `put` would need for each. Two of them may be the same, and any of them
   * may be there already. Writers use it if several objects wait, and `put` for what is left. Present if and only if it is declared.
   *
   * Nothing holds all of them together: some may be stored and others not. Of a content whose outcome is `"rejected"`, and of all of
   * them if the call rejects, nothing is known: it may be stored. To store it again is no error, with `put` too.
   *
   * @param contents - at most as many, and as many bytes together, as {@link StorageCapabilities.putMany} says
   * @returns one outcome for each content, in their order: `"fulfilled"` with its address once it is as durable as after `put`, or
   * `"rejected"` with an error that `put` could reject with
   * @throws TooLargeError `ERR_TOO_LARGE` for a content over `largestContent`, and for more bytes than a call takes, before anything is sent
   * @throws InvalidInputError `ERR_INVALID_INPUT` for more contents than a call takes, before anything is sent
   */
  putMany?(contents: readonly Uint8Array[], options?: OperationOptions): Promise<readonly PutOutcome[]>;

  /**
   * Reads a content.
   *
   * @throws NotFoundError `ERR_NOT_FOUND` only if the backend answered that it is not there
   * @throws TooLargeError `ERR_TOO_LARGE` if it has more than `maxBytes`; not more than that was read. A range of more than
   * `maxBytes` is refused before any request
   * @throws UnsupportedError `ERR_UNSUPPORTED` with the reason `"no-ranges"` for a range, if the backend or its service reads none;
   * with `"no-local-reads"` for a read of its own store alone, if it declares none
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a range whose numbers are not whole, or that has no byte
   * @throws IntegrityError `ERR_INTEGRITY` if the address is of a kind that is not declared, before any request
   */
  get(address: Address, options?: GetOptions): Promise<Uint8Array>;

  /**
   * Whether a content is there. `false` only if its absence is known; any doubt rejects.
   *
   * @throws IntegrityError `ERR_INTEGRITY` if the address is of a kind that is not declared, before any request
   */
  has(address: Address, options?: OperationOptions): Promise<boolean>;

  /** Removes a content; removing what is not there is not an error. Present if and only if it is declared. */
  delete?(address: Address, options?: OperationOptions): Promise<void>;

  /**
   * Stops keeping a content: what held it there for this user (a pin) is taken away. The service drops it when it tidies up, and
   * until then it may still be read; others who keep it still do. What is not kept is no error. Present if and only if it is
   * declared.
   */
  release?(address: Address, options?: OperationOptions): Promise<void>;

  /** The addresses of everything stored, in any order. Present if and only if it is declared. */
  list?(options?: OperationOptions): AsyncIterable<Address>;

  /** Releases connections, timers and handles. Closing twice is not an error. */
  close?(): Promise<void>;
}
