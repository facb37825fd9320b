import type { Resolution } from "@remote-log/core";

/** Options of `memoryStorage`. */
export interface MemoryStorageOptions {
  /** The largest content that `put` takes, in bytes. Default: 16 MiB. */
  readonly largestContent?: number;
  /**
   * Where the contents are kept, by the text of their address. Instances over the same map share them.
   * Default: a new map.
   */
  readonly contents?: Map<string, Uint8Array>;
}

/** Options of `memoryNames`. */
export interface MemoryNamesOptions {
  /** The largest content of a name, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
  /** Where the names are kept. Instances over the same table share them. Default: a new table. */
  readonly table?: NameTable;
}

/** The names of one or more `memoryNames` instances, and those who wait for a change. */
export class NameTable {
  /** What every name holds. */
  readonly values: Map<string, Extract<Resolution, { status: "found" }>> = new Map();
  /** Those who wait in {@link changed}. */
  readonly #waiting: (() => void)[] = [];

  /** Waits until somebody calls {@link notify}. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Wakes everyone who waits, so that they look again. */
  readonly notify = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
