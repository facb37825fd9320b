import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How the figures of {@link MemoryGauge} come about. */
export const MEMORY_METHOD: string =
  "heapUsed + external of the process after a forced garbage collection, sampled, largest sample; less the same " +
  "before the work began, and less the bytes that the counting storage holds (all of them outside the heap)";

/** The largest memory that a piece of work was seen to hold. */
export class MemoryGauge {
  readonly #collect: () => void;
  readonly #held: () => number;
  readonly #before: number;
  #peak = 0;

  /** @param held - bytes that do not count: those of the storage */
  constructor(held: () => number) {
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc") as () => void;
    this.#held = held;
    this.#before = this.#now();
  }

  /** Looks how much is held now. */
  sample(): void {
    this.#peak = Math.max(this.#peak, this.#now() - this.#before);
  }

  /** The largest sample, in MiB with two decimals. */
  get peakMiB(): number {
    return Math.round((this.#peak / 2 ** 20) * 100) / 100;
  }

  #now(): number {
    // Buffers that the first run found dead are given back by the second.
    this.#collect();
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external - this.#held();
  }
}
