// Holds back what a server says, and lets it go byte by byte, or at once.

import { DRIP_MS } from "./content-changes.ts";

/** Bytes on their way to a client. */
export class HeldBytes {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #queue: Uint8Array[] = [];
  #holding = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #whenReleased: (() => void) | undefined;

  /** @param write - writes to the client */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Whether anything is held back. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Sends bytes, or holds them back. */
  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#holding) this.#queue.push(bytes);
    else this.#write(bytes);
  }

  /** Does something once nothing is held back, and all was sent. */
  afterwards(work: () => void): void {
    if (this.#holding) this.#whenReleased = work;
    else work();
  }

  /** From now on nothing is sent. */
  hold(): void {
    this.#holding = true;
  }

  /** From now on one byte is sent after the other. The last one is held back unless the drip may end. */
  drip(ends: boolean): void {
    this.#holding = true;
    this.#timer ??= setInterval(() => {
      const [first] = this.#queue;
      if (first === undefined || (!ends && this.#queue.length === 1 && first.length === 1)) return;
      this.#write(first.subarray(0, 1));
      if (first.length === 1) this.#queue.shift();
      else this.#queue[0] = first.subarray(1);
    }, DRIP_MS);
  }

  /** Sends what was held back. From now on everything is sent at once. */
  release(): void {
    this.stop();
    this.#holding = false;
    for (const bytes of this.#queue.splice(0)) this.#write(bytes);
    this.#whenReleased?.();
    this.#whenReleased = undefined;
  }

  /** Ends the drip, and sends nothing. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
