// Reads back a sample of what a name leads to, and remembers what was read.

import { type PathOptions, type PathVerdict, readPath } from "./read-path.ts";

/** How many pages are read back at random besides those that are new, and after all was looked for. */
const SAMPLES = 1;
const SAMPLES_AFTER_DOUBT = 8;

/** What of a remote was read back. */
export class PathSamples {
  #edge: ReadonlySet<string> = new Set();
  #samples = SAMPLES;

  /** Forgets what was read. */
  clear(): void {
    this.#edge = new Set();
  }

  /** Forgets what was read, and reads more of it the next time: all was looked for, and some of it put back. */
  doubt(): void {
    this.clear();
    this.#samples = SAMPLES_AFTER_DOUBT;
  }

  /** Reads back, as {@link readPath}, what is new since the last time. */
  async read(path: Omit<PathOptions, "edge" | "samples">, signal: AbortSignal): Promise<PathVerdict> {
    const verdict = await readPath({ ...path, edge: this.#edge, samples: this.#samples }, signal);
    if (verdict.kind === "whole") {
      this.#edge = verdict.edge;
      this.#samples = SAMPLES;
    }
    return verdict;
  }
}
