// What has arrived and was not taken yet.

import { onAbort } from "@remote-log/core/adapter";
import type { Arrival, TransportOptions } from "./transport.ts";

/** How many arrivals wait at most. Further ones are lost, which 2/MVDS mends. */
const MOST = 256;

/** What has arrived and was not taken yet, in order. */
export class ArrivalQueue {
  readonly #waiting: Arrival[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  /** Adds an arrival. `false` if there is no room for it. */
  push(arrival: Arrival): boolean {
    if (this.#waiting.length >= MOST || this.#ended) return false;
    this.#waiting.push(arrival);
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
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else await this.#arrival(signal);
    }
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
