// A clock for tests: time stands still until all that can happen without it has happened, and then jumps to the next timer.

import { useEnvironment } from "@remote-log/core/environment";

/** Time for tests. */
export class ManualClock {
  /** Milliseconds since the beginning. */
  time = 0;
  /** What `random` gives. */
  random = 0.5;
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  #count = 0;

  /** Takes the place of the runtime's clock. */
  static use(): { readonly clock: ManualClock; readonly giveBack: () => void } {
    const clock = new ManualClock();
    const giveBack = useEnvironment({
      now: () => clock.time,
      monotonicNow: () => clock.time,
      random: () => clock.random,
      schedule: (run, milliseconds) => {
        const id = clock.#count++;
        clock.#timers.set(id, { at: clock.time + milliseconds, run });
        return () => void clock.#timers.delete(id);
      },
    });
    return { clock, giveBack };
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Does what needs no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets time pass until a promise has settled; gives what came of it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    for (;;) {
      await this.settle();
      if (isOver) return promise;
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) throw new Error("Nothing is waited for any more, and the promise is open.");
      const [id, { at, run }] = next;
      this.#timers.delete(id);
      this.time = Math.max(this.time, at);
      run();
    }
  }
}
