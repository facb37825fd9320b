// Tells when what this device has appended is published.

import type { Receipt } from "@remote-log/core";

/** Waits for one entry at a time: when the newest is published, so are those before it. */
export class PublishNews {
  readonly #tell: () => void;
  readonly #signal: AbortSignal;
  // The newest that was appended while an earlier one is waited for.
  #next: Receipt | undefined;
  #waits = false;

  /**
   * @param tell - called when entries were published, or will not be
   * @param signal - ends the waiting
   */
  constructor(tell: () => void, signal: AbortSignal) {
    this.#tell = tell;
    this.#signal = signal;
  }

  /** Tells when an entry is published. */
  expect(receipt: Receipt): void {
    this.#next = receipt;
    if (!this.#waits) void this.#wait();
  }

  async #wait(): Promise<void> {
    this.#waits = true;
    while (this.#next !== undefined && !this.#signal.aborted) {
      const awaited = this.#next;
      this.#next = undefined;
      await awaited.published({ signal: this.#signal }).catch(() => undefined);
      this.#tell();
    }
    this.#waits = false;
  }
}
