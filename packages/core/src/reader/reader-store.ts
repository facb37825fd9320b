// Where a reader keeps what must outlive it: the contract of a store, and the one in memory.

import { withDeadline } from "../async/deadline.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual, plainBytes } from "../bytes.ts";
import { InvalidInputError } from "../errors/index.ts";
import { checkOptionTypes } from "../options/check-option-types.ts";
import { type OptionKind, withMethods } from "../options/option-kinds.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";

/**
 * Where a reader keeps the little that must outlive it: the newest state that it verified, a proof that the log forked if it
 * found one, and its cursors. A reader trusts what is in it, so it belongs on the reader's own device.
 *
 * Several readers can share a store, in one process or in several (tabs, workers, programs). No two of them then deliver
 * histories that contradict each other: a reader delivers a state only after the store has accepted it with
 * {@link ReaderStore.compareAndSet}, and a reader that finds another state there compares the two first.
 *
 * To write one, keep these promises; `@remote-log/conformance` checks them (`runReaderStoreConformance`):
 *
 * - Any well-formed text is a key, and no two keys are one. Values have any length, a few megabytes at most.
 * - Writes are atomic and durable: after a crash a key holds the old value or the new one, and the new one if the write had
 *   resolved.
 * - What one instance has written, every other instance on the same place sees at once.
 * - "No value" is said only if that is known. A store that is closed, or can't be reached, rejects.
 * - Bytes are copied: the caller may change its own later, and may change what it got.
 * - An aborted signal rejects with its reason, unchanged. If it was aborted before the call, nothing is written.
 */
export interface ReaderStore {
  /** The value under a key, or `undefined` if it has none. */
  get(key: string, options?: OperationOptions): Promise<Uint8Array | undefined>;
  /** Sets a value, whatever the key holds. Durable when it resolves. */
  put(key: string, value: Uint8Array, options?: OperationOptions): Promise<void>;
  /**
   * Sets a value if the key holds exactly the expected bytes, in one atomic step: of several calls that expect the same, on
   * any instance in any process, one sets its value. Durable when it resolves.
   *
   * @param expected - what the caller saw; `undefined` for a key without a value
   * @returns whether it was set; if not, nothing has changed
   */
  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: OperationOptions,
  ): Promise<boolean>;
}

/** Options of {@link memoryReaderStore}. */
export interface MemoryReaderStoreOptions {
  /** The values by key, to share or to copy them. Default: a new map. */
  readonly values?: Map<string, Uint8Array> | undefined;
}

const aMap: OptionKind = withMethods(["get", "set"], "a Map");

/**
 * A store that ends with the process: for tools that run once, and for tests.
 *
 * @example
 * ```ts
 * import { memoryReaderStore } from "@remote-log/core";
 *
 * const store = memoryReaderStore();
 * await store.put("key", new Uint8Array([1]));
 * console.log(await store.compareAndSet("key", new Uint8Array([1]), new Uint8Array([2]))); // true
 * console.log(await store.get("key"), await store.get("another"));
 * ```
 */
export function memoryReaderStore(options: MemoryReaderStoreOptions = {}): ReaderStore {
  checkOptionTypes(options, { values: aMap }, { name: "memoryReaderStore", operation: "reader.open" });
  const { values = new Map<string, Uint8Array>() } = options;
  const copyOf = (bytes: Uint8Array): Uint8Array => plainBytes(bytes).slice();
  return {
    async get(key, { signal } = {}) {
      throwIfAborted(signal);
      const value = values.get(key);
      return value && copyOf(value);
    },
    async put(key, value, { signal } = {}) {
      throwIfAborted(signal);
      values.set(key, copyOf(value));
    },
    async compareAndSet(key, expected, value, { signal } = {}) {
      throwIfAborted(signal);
      if (!sameValue(values.get(key), expected)) return false;
      values.set(key, copyOf(value));
      return true;
    },
  };
}

/**
 * The same store, with a deadline for every call: a database that never answers holds no reader for ever.
 *
 * @throws TimeoutError `ERR_TIMEOUT` when the time is over; the outcome of a write is then unknown
 */
export function withStoreDeadlines(store: ReaderStore, milliseconds: number): ReaderStore {
  const limited = <T>(
    { signal }: OperationOptions = {},
    work: (options: OperationOptions) => Promise<T>,
  ): Promise<T> => {
    const deadline = { milliseconds, operation: "reader.store", backend: "The reader's store", signal };
    return withDeadline(deadline, (limit) => work({ signal: limit }));
  };
  return {
    get: (key, options) => limited(options, (limit) => store.get(key, limit)),
    put: (key, value, options) => limited(options, (limit) => store.put(key, value, limit)),
    compareAndSet: (key, expected, value, options) =>
      limited(options, (limit) => store.compareAndSet(key, expected, value, limit)),
  };
}

/** Whether two values of a key are the same; `undefined` stands for a key without a value. */
export function sameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}

/**
 * Checks that a store has what readers need to share it: one that can only get and put would let them contradict each other.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkReaderStore(store: ReaderStore): void {
  for (const method of ["get", "put", "compareAndSet"] as const) {
    if (typeof store?.[method] === "function") continue;
    throw new InvalidInputError(`The reader's store has no method ${method}. See ReaderStore.`, {
      operation: "reader.open",
    });
  }
}
