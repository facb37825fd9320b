import type { NameResolver, StorageBackend } from "@remote-log/core";

/** What a fixture opens for one case. An adapter may be a storage, a resolver, or both. */
export interface Opened {
  /** The storage to check; its cases are skipped where there is none. */
  readonly storage?: StorageBackend;
  /** The name resolver to check; its cases are skipped where there is none. */
  readonly names?: NameResolver;
  /**
   * How many requests this instance has sent so far, where the fixture can count them. The cases that promise
   * "before anything is sent" then check that it does not grow.
   */
  readonly requests?: () => number;
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
   * How long a write may take to be seen where the adapter does not declare `readYourWrites`, in milliseconds.
   * The suite polls until then. Default: 5,000.
   */
  readonly settleMs?: number;
  /** How long one case may take, in milliseconds. Default: 15,000. */
  readonly timeoutMs?: number;
  /** The largest content that the suite makes, in bytes. Default: 16 MiB and one byte. */
  readonly largestProbe?: number;
}

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
  /** How much the suite may ask for. */
  readonly limits?: ConformanceLimits;
  /** Expected failures. */
  readonly known?: readonly KnownFailure[];
}
