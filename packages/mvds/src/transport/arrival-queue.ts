// What has arrived and was not taken yet.

import { onAbort } from "@remote-log/core/adapter";
import type { Arrival, TransportOptions } from "./transport.ts";

/** How much waits at most: each arrival counts one, and one more for every {@link STEP} bytes. What has no room is lost, which 2/MVDS mends. */
const MOST = 256;
const STEP = 2 ** 18;

/** What has arrived and was not taken yet. Peers take turns, so that one who sends much keeps nobody waiting. */
export class ArrivalQueue {
  /** What waits of each peer, in order. The peer whose turn is next comes first. */
  readonly #waiting = new Map<string, Arrival[]>();
  #wake: () => void = () => undefined;
  #ended = false;

  /** Adds an arrival. If there is no room, the newest one of the peer of which most waits is lost. `false` if it is this one. */
  push(arrival: Arrival): boolean {
    if (this.#ended) return false;
    const own = this.#waiting.get(arrival.peer) ?? [];
    this.#waiting.set(arrival.peer, own);
    own.push(arrival);
    while (this.#isFull()) {
      const fullest = this.#fullest(arrival.peer);
      if (fullest.pop() === arrival) return false;
    }
    this.#wake();
    return true;
  }

  /** Ends every iteration, now and later. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The arrivals, until the signal fires or the queue ends. */
  async *take({ signal }: TransportOptions = {}): AsyncGenerator<Arrival, void, undefined> {
    while (!this.#ended && signal?.aborted !== true) {
      const next = this.#next();
      if (next !== undefined) yield next;
      else await this.#arrival(signal);
    }
  }

  #next(): Arrival | undefined {
    for (const [peer, arrivals] of this.#waiting) {
      this.#waiting.delete(peer);
      const next = arrivals.shift();
      if (arrivals.length > 0) this.#waiting.set(peer, arrivals);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  // One that is too large for any room still arrives if nothing else waits.
  #isFull(): boolean {
    const all = [...this.#waiting.values()];
    return sum(all, ({ length }) => length) > 1 && sum(all, weightOf) > MOST;
  }

  #fullest(self: string): Arrival[] {
    let fullest = this.#waiting.get(self)!;
    for (const arrivals of this.#waiting.values())
      if (weightOf(arrivals) > weightOf(fullest)) fullest = arrivals;
    return fullest;
  }

  #arrival(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const stop = onAbort(signal, resolve);
      this.#wake = () => {
        stop();
        resolve();
      };
    });
  }
}

function weightOf(arrivals: readonly Arrival[]): number {
  return sum(arrivals, ({ payload }) => 1 + Math.floor((payload?.length ?? 0) / STEP));
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
