// A token bucket: so much a second on average, and some of it at once.

import { delay, monotonicNow, Semaphore } from "@remote-log/core/adapter";

/** The longest that a timer can wait, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Gives out a number of tokens a second, and as many at once as have gathered. Those who wait get theirs in the order in which they came. */
export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #room: number;
  readonly #turns = new Semaphore(1);
  #tokens: number;
  #filledAt: number | undefined;

  /**
   * @param perSecond - how many are added each second
   * @param room - the most that gather
   */
  constructor(perSecond: number, room: number) {
    this.#perMillisecond = perSecond / 1000;
    this.#room = room;
    this.#tokens = room;
  }

  /**
   * Takes tokens, as soon as there is at least one. More than there are may be taken: then those who come later wait until they are made
   * up for.
   *
   * @throws the reason of the signal; nothing is taken then
   */
  async take(tokens: number, signal: AbortSignal): Promise<void> {
    await this.#turns.run(signal, async () => {
      for (;;) {
        this.#fill();
        if (this.#tokens >= 1) break;
        // Whole milliseconds: what is left after rounding would be waited for without an end.
        const milliseconds = Math.ceil((1 - this.#tokens) / this.#perMillisecond);
        await delay(Math.min(LONGEST_WAIT, milliseconds), signal);
      }
      this.#tokens -= tokens;
    });
  }

  /** Takes tokens for what has happened already. Those who come later wait until they are made up for. */
  charge(tokens: number): void {
    this.#tokens -= tokens;
  }

  #fill(): void {
    const now = monotonicNow();
    const passed = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#room, this.#tokens + passed * this.#perMillisecond);
  }
}
