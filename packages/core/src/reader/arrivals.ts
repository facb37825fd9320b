// When entries arrived: at which moment a reader of a store first verified a state that has them.
//
// Nobody signs these times, and they are no part of the log. What is kept is not a time for each entry but one for each state
// that brought new ones, as pairs of its size and the time. The pairs are in pages of 256, so that a new state costs a small
// write however long the log was followed. Readers that share the store share the times: the first to see a state notes it.

import { lastOf } from "../bytes.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { timeNow } from "../runtime/clock.ts";
import { readRecord, recordBytes } from "./reader-memory.ts";
import type { ReaderStore } from "./reader-store.ts";

/** How many states are in a full page. */
const PAGE_STATES = 256;

/** The size of a state, and when it was first verified, in milliseconds since 1970; `null` if that is not known. */
type Arrival = readonly [size: number, at: number | null];

/** What the store has under a key. */
interface Held<T> {
  readonly value: T;
  readonly bytes: Uint8Array | undefined;
}

/** The times at which the states of one log were first verified. */
export class Arrivals {
  readonly #store: ReaderStore;
  readonly #logId: string;
  // The size up to which nothing is to be noted.
  #noted = 0;
  // The pages that were read last: streams ask for one entry after the other.
  readonly #pages = new Map<number, readonly Arrival[]>();
  #starts: readonly number[] = [];
  // What the store was last seen to have, so that one write notes the next state.
  #last: { readonly starts: Held<readonly number[]>; readonly page: Held<readonly Arrival[]> } | undefined;

  constructor(store: ReaderStore, logId: string) {
    this.#store = store;
    this.#logId = logId;
  }

  /**
   * Notes that a state was verified, if it is the first of its size or larger.
   *
   * @param before - the size that an earlier run has verified: when, is not known if nothing was noted yet
   */
  async note(size: number, before: number, options: OperationOptions): Promise<void> {
    while (size > this.#noted) {
      const { starts, page } = this.#last ?? (await this.#loadLast(options));
      this.#last = undefined;
      const number = starts.value.length - 1;
      const isNew = starts.bytes === undefined && page.bytes === undefined;
      const known: readonly Arrival[] = isNew && before > 0 ? [[before, null]] : page.value;
      const last = lastOf(known)?.[0] ?? starts.value[number]!;
      if (known.length >= PAGE_STATES && last < size) {
        // Whoever is first begins the next page.
        await this.#replace("arrivals", starts.bytes, [...starts.value, last], options);
        continue;
      }
      const value: readonly Arrival[] = last < size ? [...known, [size, timeNow()]] : known;
      let { bytes } = page;
      if (value !== page.value) {
        bytes = await this.#replace(`arrivals/${number}`, bytes, value, options);
        if (bytes === undefined) continue;
      }
      this.#starts = starts.value;
      this.#keep(number, value);
      this.#last = { starts, page: { value, bytes } };
      this.#noted = Math.max(last, size);
    }
  }

  /** When an entry arrived, in milliseconds since 1970; `undefined` if that is not known. */
  async of(sequence: number, options: OperationOptions): Promise<number | undefined> {
    const found = this.#starts.length > 0 ? await this.#find(sequence, options) : undefined;
    if (found !== undefined) return found[1] ?? undefined;
    // Another reader of the store may have noted it meanwhile.
    this.#starts = (await this.#load<number>("arrivals", [0], options)).value;
    this.#pages.delete(this.#starts.length - 1);
    return (await this.#find(sequence, options))?.[1] ?? undefined;
  }

  async #find(sequence: number, options: OperationOptions): Promise<Arrival | undefined> {
    let page = this.#starts.length - 1;
    while (this.#starts[page]! > sequence) page--;
    let arrivals = this.#pages.get(page);
    if (arrivals === undefined) {
      arrivals = (await this.#load<Arrival>(`arrivals/${page}`, [], options)).value;
      this.#keep(page, arrivals);
    }
    return arrivals.find(([size]) => size > sequence);
  }

  #keep(page: number, arrivals: readonly Arrival[]): void {
    this.#pages.clear();
    this.#pages.set(page, arrivals);
  }

  async #loadLast(
    options: OperationOptions,
  ): Promise<{ readonly starts: Held<readonly number[]>; readonly page: Held<readonly Arrival[]> }> {
    const starts = await this.#load<number>("arrivals", [0], options);
    return { starts, page: await this.#load<Arrival>(`arrivals/${starts.value.length - 1}`, [], options) };
  }

  async #load<T>(name: string, empty: readonly T[], options: OperationOptions): Promise<Held<readonly T[]>> {
    const bytes = await this.#store.get(`${this.#logId}/${name}`, options);
    return { value: readRecord<readonly T[]>(name, bytes, Array.isArray) ?? empty, bytes };
  }

  /** The bytes that were set, or `undefined` if the store has others than expected. */
  async #replace(
    name: string,
    expected: Uint8Array | undefined,
    value: readonly unknown[],
    options: OperationOptions,
  ): Promise<Uint8Array | undefined> {
    const bytes = recordBytes(value);
    const isSet = await this.#store.compareAndSet(`${this.#logId}/${name}`, expected, bytes, options);
    return isSet ? bytes : undefined;
  }
}
