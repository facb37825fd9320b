// All that happened in a run, as one hash: two runs with the same trace did the same.

import { createHash, type Hash } from "node:crypto";

/** A hash of all events of a run, in their order. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  #events = 0;

  /** Takes an event into the hash. */
  note(time: number, ...parts: readonly (string | number | Uint8Array)[]): void {
    this.#events++;
    this.#hash.update(`${time}`);
    for (const part of parts) this.#hash.update(typeof part === "number" ? ` ${part}` : part);
    this.#hash.update("\n");
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** The hash of all events so far, as hexadecimal digits. */
  get digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
