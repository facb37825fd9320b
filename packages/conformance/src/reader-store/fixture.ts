// What the author of a reader's store writes to have it checked.

import type { ReaderStore } from "@remote-log/core";
import { check, show } from "../assert.ts";
import type { KnownFailure, OpenOptions } from "../fixture.ts";

/** One instance of a store. */
export interface OpenedReaderStore {
  /** The store. */
  readonly store: ReaderStore;
  /** Closes the instance, after what is under way. The suite calls it once. */
  close?(): Promise<void>;
  /**
   * Ends the instance in the midst of what it does, as a kill of its process would: for stores that run in a process of their
   * own. The suite calls neither `close` nor the store afterwards.
   */
  crash?(): Promise<void>;
}

/** What the author of a reader's store writes to have it checked. */
export interface ReaderStoreFixture {
  /** Name of the store, for the names of the tests. */
  readonly name: string;
  /** Opens a new, empty store in a namespace. Called once a case; the suite closes it. */
  create(options: OpenOptions): Promise<OpenedReaderStore>;
  /**
   * Opens a further instance on the data of the same namespace, as another tab or process would: while others are open, and
   * after all are closed. Without it, the cases about several instances and about durability are skipped.
   */
  reopen?(options: OpenOptions): Promise<OpenedReaderStore>;
  /** How long one case may take, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Expected failures. The run fails once one of them passes. */
  readonly known?: readonly KnownFailure[];
  /** Ends what the fixture itself holds. The bindings call it after the last case. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

/** How long one case may take, unless the fixture says otherwise, in milliseconds. */
export const TIMEOUT_MS = 60_000;

const FIELDS = ["name", "create", "reopen", "timeoutMs", "known"];

/**
 * Checks that a value is a fixture, and that its known failures are cases.
 *
 * @param ids - of all cases
 * @throws ConformanceFailure that names the field that is wrong
 */
export function checkStoreFixture(fixture: ReaderStoreFixture, ids: readonly string[]): void {
  const is = (good: boolean, what: string): void => check(good, `The fixture is no fixture: ${what}.`);
  is(typeof fixture === "object" && fixture !== null, `it is ${show(fixture)}, not an object`);
  for (const field of Object.keys(fixture)) {
    is(FIELDS.includes(field), `there is no field called ${field}; the fields are ${FIELDS.join(", ")}`);
  }
  const { name, timeoutMs = TIMEOUT_MS, known = [] } = fixture;
  const { create, reopen } = fixture as { readonly create: unknown; readonly reopen?: unknown };
  is(typeof name === "string" && name !== "", `its name is ${show(name)}, not a text`);
  is(typeof create === "function", `its create is ${show(create)}, not a function`);
  is(reopen === undefined || typeof reopen === "function", `its reopen is ${show(reopen)}, not a function`);
  is(timeoutMs > 0 && timeoutMs < 2 ** 31, `its timeoutMs is ${show(timeoutMs)}, not a number above 0`);
  for (const { id } of known)
    is(ids.includes(id), `its known failures name ${id}, and there is no such case`);
}
