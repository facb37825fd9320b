// The table of names, and who waits for a change.

import type { Resolution } from "@remote-log/core";
import { raceSignal } from "@remote-log/core/adapter";

/** The names of one or more `memoryNames` instances, and those who wait for a change. */
export class NameTable {
  /** What every name holds. */
  readonly values: Map<string, Extract<Resolution, { status: "found" }>> = new Map();
  readonly #waiting = new Set<() => void>();

  /** Wakes everyone who watches, so that they look again. */
  readonly notify = (): void => {
    for (const wake of [...this.#waiting]) wake();
  };

  /**
   * Yields whenever a name has changed. A close wakes it just like a change; it finds out what happened by looking.
   *
   * @param check - throws if the watching is over
   * @param signal - ends it with the signal's reason
   */
  async *watch(name: string, check: () => void, signal?: AbortSignal): AsyncGenerator<void, void, undefined> {
    let seen = this.values.get(name);
    for (;;) {
      check();
      const held = this.values.get(name);
      if (held === seen) {
        await this.#change(signal);
      } else {
        seen = held;
        yield;
      }
    }
  }

  async #change(signal: AbortSignal | undefined): Promise<void> {
    let wake = (): void => undefined;
    const change = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    try {
      await raceSignal(change, signal);
    } finally {
      this.#waiting.delete(wake);
    }
  }
}
