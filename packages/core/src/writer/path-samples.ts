// Reads back a sample of what a name leads to, and remembers what was read.

import { withAnySignal } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { type PathOptions, type PathVerdict, readPath } from "./read-path.ts";

/** How many pages are read back at random besides those that are new, and after all was looked for. */
const SAMPLES = 1;
const SAMPLES_AFTER_DOUBT = 8;

/** A sample of what a name was set to, read beside the name: most names show at once what they were set to. */
export class EarlySample {
  readonly #content: Uint8Array | undefined;
  readonly #read: (content: Uint8Array, signal: AbortSignal) => Promise<PathVerdict>;
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #reading: Promise<PathVerdict> | undefined;

  /** @param content - what the name was set to; if it is not known, nothing is read yet */
  constructor(
    content: Uint8Array | undefined,
    read: (content: Uint8Array, signal: AbortSignal) => Promise<PathVerdict>,
    signal: AbortSignal,
  ) {
    this.#content = content;
    this.#read = read;
    this.#signal = signal;
    this.#reading = content && withAnySignal([signal, this.#over.signal], (own) => read(content, own));
    // If the name shows something else, it is of no interest how this ends.
    this.#reading?.catch(() => undefined);
  }

  /** What reading back showed of that which the name shows. */
  of(shown: Uint8Array): Promise<PathVerdict> {
    const isSame = this.#content !== undefined && bytesEqual(this.#content, shown);
    return isSame && this.#reading ? this.#reading : this.#read(shown, this.#signal);
  }

  /** Ends what nobody waits for. */
  end(): void {
    this.#over.abort();
  }
}

/** What of a remote was read back. */
export class PathSamples {
  #edge: ReadonlySet<string> = new Set();
  #samples = SAMPLES;
  #forgotten = 0;

  /** Forgets what was read. */
  clear(): void {
    this.#edge = new Set();
    this.#forgotten++;
  }

  /** Forgets what was read, and reads more of it the next time: all was looked for, and some of it put back. */
  doubt(): void {
    this.clear();
    this.#samples = SAMPLES_AFTER_DOUBT;
  }

  /** Reads back, as {@link readPath}, what is new since the last time. */
  async read(path: Omit<PathOptions, "edge" | "samples">, signal: AbortSignal): Promise<PathVerdict> {
    const forgotten = this.#forgotten;
    const verdict = await readPath({ ...path, edge: this.#edge, samples: this.#samples }, signal);
    // What was read before all of it was forgotten says nothing.
    if (verdict.kind === "whole" && forgotten === this.#forgotten) {
      this.#edge = verdict.edge;
      this.#samples = SAMPLES;
    }
    return verdict;
  }
}
