// What the suite needs of an adapter: how to open it, and how to make its service fail.

import type { NameResolver, StorageBackend } from "@remote-log/core";

/**
 * What can go wrong between an adapter and its service.
 *
 * - `"unreachable"`: the connection is refused, or cut before the request is carried out; requests that are under way
 *   when the fault begins, such as those of a watch that waits, are cut too
 * - `"reply-lost"`: the request is carried out, and the connection is cut instead of the reply
 * - `"failing"`: the service answers that it cannot do it now (a 503, say), and does nothing
 * - `"denied"`: the service answers that this caller may not (a 403, say), and does nothing
 * - `"quota"`: the service answers that there is no room left (a 507, say), and does nothing
 * - `"silent"`: the request is taken, and never answered
 * - `"dripping"`: the reply begins, and then comes a byte at a time, without end
 * - `"endless"`: the request is carried out, and the body of the reply never ends: it comes as fast as it is read. So do
 *   the replies to writes, and those that say that there is nothing
 * - `"endless-failing"`, `"endless-denied"`: as `"failing"` and `"denied"`, with a body that never ends
 * - `"corrupt"`: one byte of what is read has changed
 * - `"truncated"`: what is read ends early, and looks whole
 * - `"extended"`: what is read has further bytes behind its end
 */
export type Fault =
  | "unreachable"
  | "reply-lost"
  | "failing"
  | "denied"
  | "quota"
  | "silent"
  | "dripping"
  | "endless"
  | "endless-failing"
  | "endless-denied"
  | "corrupt"
  | "truncated"
  | "extended";

/**
 * Brings about faults between the adapter and its service. In `@remote-log/conformance/fault-proxy` there is
 * `startFaultProxy` for services that speak HTTP, and `startTcpFaultProxy` for every other protocol over TCP.
 */
export interface FaultControl {
  /** The faults that can be brought about here. The cases about the others are skipped. */
  readonly kinds: readonly Fault[];
  /** Why faults are left out of `kinds`, for those who read the report: the cases about them are skipped with it. */
  readonly omitted?: Readonly<Partial<Record<Fault, string>>>;
  /** From when this has resolved until `end`, every request of this instance meets the fault. */
  begin(fault: Fault): void | Promise<void>;
  /** From when this has resolved, requests are carried out again. Without a fault it does nothing. */
  end(): void | Promise<void>;
  /**
   * How many requests have met a fault so far, counted when they arrive at whatever brings the fault about. With it the
   * suite waits until a request has met the fault, and fails a case whose requests met none. Without it the suite goes by
   * `requests` of {@link Opened}, which may count a request before it is sent.
   */
  met?(): number;
  /**
   * How many bytes of endless replies have been sent so far. With it the suite fails a case in which an operation takes
   * more of them than it may; without it a case fails only if an operation does not end.
   */
  sent?(): number;
}

/** What a fixture opens for one case. An adapter may be a storage, a resolver, or both. */
export interface Opened {
  /** The storage to check; its cases are skipped if there is none. */
  readonly storage?: StorageBackend;
  /** The name resolver to check; its cases are skipped if there is none. */
  readonly names?: NameResolver;
  /**
   * How many requests this instance has sent so far, if the fixture can count them. The cases that promise
   * "before anything is sent" then check that it does not grow.
   */
  readonly requests?: () => number;
  /** How to make the service fail, if the fixture can. */
  readonly faults?: FaultControl;
  /**
   * Texts that must be in no error: the keys and tokens that this instance was opened with, made up for the test.
   * The suite looks for them in every error that it can bring about, and in all that hangs on it.
   */
  readonly secrets?: readonly string[];
  /**
   * Has the service drop everything that nothing keeps any more, as a collection of garbage does, and resolves when that is
   * done. With it the suite sees what `release` of a storage releases: without it, that a content is no longer kept does not
   * show.
   */
  readonly tidyUp?: () => Promise<void>;
}

/** What {@link ConformanceFixture.create} is given. */
export interface OpenOptions {
  /**
   * Letters, digits and hyphens, unlike those of every other case and run: a folder, a bucket, a prefix. What one
   * namespace holds must not be seen in another (a storage whose contents the whole world shares may ignore it).
   */
  readonly namespace: string;
  /** Aborted when the case is over, for better or worse. */
  readonly signal: AbortSignal;
}

/** How much the suite may ask of the place where it runs. */
export interface ConformanceLimits {
  /**
   * How long a write may take to be seen if the adapter does not declare `readYourWrites`, in milliseconds.
   * The suite polls until then. Default: 5,000.
   */
  readonly settleMs?: number | undefined;
  /** How long one case may take, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined;
  /** The largest content that the suite makes, in bytes. Default: 16 MiB and one byte. */
  readonly largestProbe?: number | undefined;
}

/** Limits with all of them filled in. */
export type FilledLimits = { readonly [K in keyof ConformanceLimits]-?: number };

/** A case that is known to fail. The run fails once it passes, so that no such entry outlives its reason. */
export interface KnownFailure {
  /** Id of the case, such as `"CAS-PUT-03"`. */
  readonly id: string;
  /** Why it fails, for the report. */
  readonly reason: string;
}

/** What the author of an adapter writes to have it checked. */
export interface ConformanceFixture {
  /** Name of the adapter, for the report. */
  readonly name: string;
  /** Opens new, empty instances of the adapter in a namespace. Called once a case; the suite closes them. */
  create(options: OpenOptions): Promise<Opened>;
  /**
   * Opens further instances over the data that `create` made in the same namespace, as another process would.
   * The cases about durability and about several instances are skipped without it.
   */
  reopen?(options: OpenOptions): Promise<Opened>;
  /** Version of the adapter, for the report: `"1.2.0"`. */
  readonly version?: string;
  /** What the adapter was run against, for the report, with its version: `"MinIO RELEASE.2025-10-15"`. */
  readonly service?: string;
  /**
   * Seed of everything that the suite draws by chance: a whole number from 0 to 2³² − 1. A failure names the seed
   * that it was found with. Default: a new one for every run.
   */
  readonly seed?: number;
  /** How much the suite may ask for. */
  readonly limits?: ConformanceLimits;
  /** Expected failures. */
  readonly known?: readonly KnownFailure[];
  /** Ends what the fixture itself holds, such as a server. The bindings and the command call it after the last case. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}
