// What a case is: an id, a level, a title, what it requires, and a function.

import type { NameResolver, StorageBackend } from "@remote-log/core";
import type { Fault, FaultControl, FilledLimits, Opened } from "./fixture.ts";

/**
 * How binding a case is: without a `MUST` an adapter is not conformant; a `SHOULD` has to be kept or named, with a
 * reason, among the known failures of the fixture; a `MAY` is only reported.
 */
export type Level = "MUST" | "SHOULD" | "MAY";

/** What has to be there (in the fixture, or declared by the adapter) for a case to run. */
export type Requirement =
  | "storage"
  | "storage.delete"
  | "storage.list"
  | "storage.ranges"
  | "storage.release"
  | "storage.putMany"
  | "storage.close"
  /** Its `absence` is `"local"`. */
  | "storage.local"
  | "names"
  | "names.atomic"
  /** Its `compareAndSet` is `"none"`. */
  | "names.loose"
  | "names.watch"
  | "names.close"
  | "reopen"
  | "tidyUp"
  | "faults"
  | "secrets"
  | `fault.${Fault}`;

/** What a case works with. Functions rather than methods, so that a case can take them out of it. */
export interface CaseContext {
  /** What the fixture opened, for cases that make do with one half. */
  readonly opened: Opened;
  /** The storage. Throws if the fixture opened none: such a case has to require `"storage"`. */
  readonly storage: StorageBackend;
  /** The resolver. Throws if the fixture opened none: such a case has to require `"names"`. */
  readonly names: NameResolver;
  /** Brings about faults. Throws if the fixture can't: such a case has to require `"fault.…"`. */
  readonly faults: FaultControl;
  /** Seed of what the case draws by chance; the same for every case of a run. */
  readonly seed: number;
  /** The limits of the fixture, with their defaults. */
  readonly limits: FilledLimits;
  /** Opens further instances over the same data. The suite closes them. Requires `"reopen"`. */
  readonly reopen: () => Promise<Required<Pick<Opened, "storage" | "names">>>;
  /** Makes a content of a size, unlike every other one of this case and of other runs. */
  readonly content: (size: number) => Uint8Array;
  /** Makes a name of the default form, 64 hexadecimal digits, unlike every other one. */
  readonly name: () => string;
  /**
   * Waits for a write to be seen: repeats a check until it no longer throws, or `settleMs` has passed. Once only
   * if the adapter declares `readYourWrites`.
   */
  readonly settled: <T>(side: "storage" | "names", check: () => Promise<T>) => Promise<T>;
  /** Runs an operation that has to end before anything is sent, and checks that if requests are counted. */
  readonly withoutRequests: <T>(operation: () => Promise<T>) => Promise<T>;
  /** Ends the case as skipped. */
  readonly skip: (reason: string) => never;
}

/** One promise of an adapter, as data. */
export interface ConformanceCase {
  /** Stable identifier, such as `"CAS-PUT-03"`: never used again for another promise, never renumbered. */
  readonly id: string;
  /** How binding it is. */
  readonly level: Level;
  /** The promise, as a sentence. */
  readonly title: string;
  /** What has to be there for it to run. */
  readonly requires: readonly Requirement[];
  /** Checks the promise: rejects if the adapter does not keep it. */
  run(context: CaseContext): Promise<void>;
}
