// Single-flight: callers who want the same thing at the same time share one piece of work.

import { raceSignal, throwIfAborted } from "./signals.ts";

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly ending: AbortController;
  waiting: number;
  hasSucceeded: boolean;
}

/**
 * Shares work between those who ask for the same key while it runs. Each caller's signal ends that caller's wait alone; the
 * work is aborted when the last of them has left before it has succeeded. Nothing is kept after the end: the next caller begins anew.
 */
export class SingleFlight<T, Key = string> {
  readonly #flights = new Map<Key, Flight<T>>();

  /**
   * Joins the work for a key, or begins it.
   *
   * @param key - what is wanted
   * @param signal - this caller's own
   * @param work - called if no work for the key is running; its signal fires when nobody waits any more
   * @throws the reason of the signal
   * @throws what the work throws
   */
  async run(
    key: Key,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    const flight = this.#flights.get(key) ?? this.#begin(key, work);
    flight.waiting++;
    try {
      return await raceSignal(flight.promise, signal);
    } finally {
      if (--flight.waiting === 0) {
        this.#forget(key, flight);
        // What came of the work may keep the signal: a socket that was opened with it is not to be closed now.
        if (!flight.hasSucceeded) flight.ending.abort();
      }
    }
  }

  #begin(key: Key, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const ending = new AbortController();
    const flight: Flight<T> = { promise: work(ending.signal), ending, waiting: 0, hasSucceeded: false };
    this.#flights.set(key, flight);
    // Those who left do not hear how it ended.
    flight.promise.then(
      () => {
        flight.hasSucceeded = true;
        this.#forget(key, flight);
      },
      () => this.#forget(key, flight),
    );
    return flight;
  }

  #forget(key: Key, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
