// The NS of a remote, as an adapter implements it: `Update` and `Fetch` in 3/REMOTE-LOG.

import type { OperationOptions } from "./storage-backend.ts";

/**
 * A revision of a name's value: an S3 ETag, an IPNS sequence number, a feed index, as text. Only the resolver
 * that made it knows what it means; everyone else compares it and passes it back.
 *
 * Two different contents of a name never have the same revision, whatever their sizes and however quickly they follow
 * each other. The same content set again should get a new revision. It may get the one that it had before, if all that
 * the service offers is a hash of the content, such as an S3 ETag: an update then still replaces exactly the bytes that
 * its caller expects.
 */
export type Revision = string;

/** Options of {@link NameResolver.update}. */
export interface UpdateOptions extends OperationOptions {
  /**
   * The revision that the name must still hold, or `null`: the name must not exist yet. It comes from the
   * writer's own journal, never from what a server says is newest. If compare-and-set is `"none"` it
   * still tells which revision comes next.
   */
  readonly expected: Revision | null;
}

/** Options of {@link NameResolver.resolve}. */
export interface ResolveOptions extends OperationOptions {
  /** A revision that the caller has already: the answer may then be `"unchanged"`, without the content. */
  readonly known?: Revision | undefined;
  /** The most bytes of content that the caller takes; the resolver stops reading past it. */
  readonly maxBytes?: number | undefined;
}

/**
 * What a name held.
 *
 * - `"found"`: its content (which may be empty) and its revision; `expired` if only its writer still gets to see it,
 * who has to publish again
 * - `"unchanged"`: it still holds the revision that the caller knows
 * - `"absent"`: the name system answered, and there is nothing under this name; `placeMissing` if not even the place is there
 * that an update would make, such as a folder: then a writer that published there before does not make it anew unasked
 */
export type Resolution =
  | {
      readonly status: "found";
      readonly content: Uint8Array;
      readonly revision: Revision;
      readonly expired?: boolean;
    }
  | { readonly status: "unchanged"; readonly revision: Revision }
  | { readonly status: "absent"; readonly placeMissing?: boolean };

/** What a {@link NameResolver} declares of itself. Declared once, never changed, and checked by the conformance suite. */
export interface NameCapabilities {
  /**
   * `"atomic"`: of any number of concurrent updates that expect the same revision exactly one succeeds.
   * `"none"`: `expected` is not enforced: an update that expects an outdated revision may be taken, or be refused with
   * `NameConflictError`; the log then has one writer, who reads back after every update.
   * `"probed"`: only the service can tell. {@link NameResolver.probeCompareAndSet} asks it, and opening a resolver does not.
   */
  readonly compareAndSet: "atomic" | "none" | "probed";
  /** Whether a resolve that starts after an update was acknowledged sees it, or a later one, for everybody. */
  readonly readYourWrites: boolean;
  /** The largest content of a name, in bytes. A larger head is stored in the CAS, and the name points at it. */
  readonly largestContent: number;
  /** Whether `watch` is there. */
  readonly watch: boolean;
  /**
   * How long an update may take, in milliseconds, if a minute is not enough. A writer that was given no time of its own
   * waits this long.
   */
  readonly updateMilliseconds?: number;
  /**
   * Whether a resolve may show its own writer an update that is not acknowledged yet, and that nobody else sees. Then
   * a writer that never heard how an update ended sends it again, even if it shows. Default false.
   */
  readonly showsUnacknowledged?: boolean;
}

/**
 * The NS of a remote: a mutable name (`Update` and `Fetch` in 3/REMOTE-LOG).
 *
 * It is never trusted: the head that it returns proves itself by the writer's signature, and a reader keeps its
 * own record of the newest state that it verified. The rules of {@link StorageBackend} on signals, errors and
 * bytes hold here too.
 */
export interface NameResolver {
  /** Short name for people, in errors and reports: `"fs"`. */
  readonly name: string;
  /** What this resolver can do. */
  readonly capabilities: NameCapabilities;

  /**
   * Sets the content of a name. Names are any text; no two names may collide.
   *
   * If compare-and-set is atomic, `expected` decides, and never the content: an update that expects another revision
   * conflicts even if the name holds the very bytes that it would set. Only an update that was sent twice, because the
   * first answer was lost, may find its own write; the resolver has to tell that from a write of somebody else with the
   * same bytes, by a random mark in the metadata for example.
   *
   * @returns the new revision
   * @throws NameConflictError `ERR_NAME_CONFLICT` if compare-and-set is atomic and the name does not hold
   * `expected`; the name is then as it was
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a name that this system cannot hold
   * @throws TooLargeError `ERR_TOO_LARGE` over `largestContent`, before anything is sent
   */
  update(name: string, content: Uint8Array, options: UpdateOptions): Promise<Revision>;

  /**
   * Reads a name. No answer is an error, never `"absent"`.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a name that this system cannot hold
   * @throws TooLargeError `ERR_TOO_LARGE` if the content has more than `maxBytes`
   * @throws StaleError `ERR_STALE` if all that is shown is known to be out of date: expired, older than `known`, or
   * older than what this resolver set or saw before, if it does not read its own writes
   * @throws NotPropagatedError `ERR_NOT_PROPAGATED` if a part of the content does not show; asked with `known`, it still
   * says `"unchanged"` if the name holds that revision
   */
  resolve(name: string, options?: ResolveOptions): Promise<Resolution>;

  /**
   * Yields whenever the name may have changed since the iteration began, until the signal ends it with its reason, or
   * `close` ends it (with `ERR_CLOSED`, or quietly). The iteration begins with the first `next()`. A change that is never
   * followed by another one must not be missed: not while the resolver still subscribes, nor while its connection is
   * lost. A resolver that can't tell yields once more than it has to; callers look after each yield. Present if and
   * only if it is declared.
   */
  watch?(name: string, options?: OperationOptions): AsyncIterable<void>;

  /**
   * Asks the service whether compare-and-set is atomic. Present if and only if `compareAndSet` is `"probed"`. A writer asks
   * before its first update; once there is an answer it never changes, and nothing is sent for it any more. An `update`
   * without this call finds it out itself.
   *
   * @returns `"atomic"` or `"none"`, as {@link NameCapabilities.compareAndSet} has them
   */
  probeCompareAndSet?(options?: OperationOptions): Promise<CompareAndSet>;

  /** Releases connections, timers and handles. Closing twice is not an error. */
  close?(): Promise<void>;
}

/** Whether compare-and-set is enforced, once that is known; see {@link NameCapabilities.compareAndSet}. */
export type CompareAndSet = "atomic" | "none";

/**
 * Whether a name system enforces compare-and-set: as it declares, or as its service says. What wraps a resolver and does not
 * pass `probeCompareAndSet` on counts as `"none"`, which is right for every resolver, and costs a look before each update.
 *
 * @throws what `probeCompareAndSet` throws, if the service can't be asked
 *
 * @example
 * ```ts
 * import { compareAndSetOf, type Remote } from "@remote-log/core";
 *
 * async function describe(remote: Remote): Promise<string> {
 *   const enforced = (await compareAndSetOf(remote.names, { signal: AbortSignal.timeout(30_000) })) === "atomic";
 *   return enforced ? "a second device is noticed at once" : "the log has one writer";
 * }
 * ```
 */
export async function compareAndSetOf(
  names: NameResolver,
  options: OperationOptions = {},
): Promise<CompareAndSet> {
  const { compareAndSet } = names.capabilities;
  if (compareAndSet !== "probed") return compareAndSet;
  return (await names.probeCompareAndSet?.(options)) ?? "none";
}
