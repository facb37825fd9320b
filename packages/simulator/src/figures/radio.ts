// For how long the radio of a phone is on.

/**
 * How long a radio stays on after the last byte, in milliseconds: Huang et al., "A Close Examination of Performance and Power
 * Characteristics of 4G LTE Networks", MobiSys 2012, measured 11.6 s.
 */
export const TAIL_MILLISECONDS = 11_600;

/** What a byte takes, in milliseconds: 1 Mbit/s. */
const BYTE_MILLISECONDS = 8 / 1000;

/** The time for which the radio of a device is on. */
export class Radio {
  #onUntil = Number.NEGATIVE_INFINITY;
  #milliseconds = 0;

  /** Sends or receives. */
  use(time: number, bytes: number): void {
    const end = time + bytes * BYTE_MILLISECONDS + TAIL_MILLISECONDS;
    if (end <= this.#onUntil) return;
    this.#milliseconds += end - Math.max(time, this.#onUntil);
    this.#onUntil = end;
  }

  /** A device that goes offline turns it off. */
  turnOff(time: number): void {
    if (this.#onUntil <= time) return;
    this.#milliseconds -= this.#onUntil - time;
    this.#onUntil = time;
  }

  /** Counts anew. */
  reset(): void {
    this.#milliseconds = 0;
  }

  get milliseconds(): number {
    return this.#milliseconds;
  }
}
