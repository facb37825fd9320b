// Reads that several callers share, and what came of the last of them.

import { raceSignal } from "../async/signals.ts";

/** Reads that callers share, so that one caller's abort does not end them for the others. What came of the last ones is kept. */
export class SharedReads<Key, Value> {
  readonly #kept = new Map<Key, Promise<Value>>();
  readonly #most: number;
  #newest: { readonly key: Key; readonly value: Value } | undefined;

  /** @param most - of how many it is kept what came */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is read, or was read, under a key. */
  get(key: Key): Promise<Value> | undefined {
    return this.#kept.get(key);
  }

  /**
   * Joins the read for a key, or begins it.
   *
   * @returns without a promise what came last: most are asked for many times in a row
   */
  run(key: Key, signal: AbortSignal | undefined, read: () => Promise<Value>): Value | Promise<Value> {
    const newest = this.#newest;
    if (newest?.key === key && signal?.aborted !== true) return newest.value;
    const kept = this.#kept;
    let reading = kept.get(key);
    kept.delete(key);
    if (reading === undefined) {
      reading = read();
      // A failed read must not be remembered: the next one may succeed.
      reading.catch(() => kept.delete(key));
    }
    kept.set(key, reading);
    for (const oldest of kept.keys()) {
      if (kept.size <= this.#most) break;
      kept.delete(oldest);
    }
    return raceSignal(reading, signal).then((value) => {
      this.#newest = { key, value };
      return value;
    });
  }
}
