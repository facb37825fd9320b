// The table of names, and who waits for a change.

import type { Resolution } from "@remote-log/core";

/** The names of one or more `memoryNames` instances, and those who wait for a change. */
export class NameTable {
  /** What every name holds. */
  readonly values: Map<string, Extract<Resolution, { status: "found" }>> = new Map();
  readonly #waiting: (() => void)[] = [];

  /** Wakes everyone who watches, so that they look again. */
  readonly notify = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /**
   * Yields whenever a name has changed. An abort and a close wake it just like a change; what happened it finds
   * out by looking.
   *
   * @param check - throws if the watching is over
   */
  async *watch(name: string, check: () => void, signal?: AbortSignal): AsyncGenerator<void, void, undefined> {
    let seen = this.values.get(name);
    signal?.addEventListener("abort", this.notify);
    try {
      for (;;) {
        check();
        const held = this.values.get(name);
        if (held === seen) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        } else {
          seen = held;
          yield;
        }
      }
    } finally {
      signal?.removeEventListener("abort", this.notify);
    }
  }
}
