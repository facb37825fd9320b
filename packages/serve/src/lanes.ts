// Who may use the machine: logs that answer in time go first, and one that does not holds up no other.

import { anySignal, raceSignal, Semaphore } from "@remote-log/core/adapter";

/** A pass took too long. */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

/** How much longer a pass of a slow log may take. */
const PATIENCE = 10;

/** The two queues in which logs wait for their turn: those that take long have one of their own, and one turn. */
export class Lanes {
  readonly #quick: Semaphore;
  readonly #slow = new Semaphore(1);
  readonly #milliseconds: number;

  constructor(atOnce: number, milliseconds: number) {
    this.#quick = new Semaphore(atOnce);
    this.#milliseconds = milliseconds;
  }

  /**
   * Runs a pass when it is its turn.
   *
   * @param isSlow - whether the last pass of this log took too long
   * @throws TookTooLong if it takes longer than it may; also if it ignores its signal
   */
  async run<T>(isSlow: boolean, signal: AbortSignal, pass: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lane = isSlow ? this.#slow : this.#quick;
    const milliseconds = isSlow ? PATIENCE * this.#milliseconds : this.#milliseconds;
    return lane.run(signal, async () => {
      const limited = anySignal(signal);
      const timer = setTimeout(() => limited.abort(), milliseconds);
      try {
        return await raceSignal(pass(limited.signal), limited.signal);
      } catch (error) {
        if (!limited.signal.aborted || signal.aborted) throw error;
        throw new TookTooLong(`It took longer than ${milliseconds} ms.`, { cause: error });
      } finally {
        clearTimeout(timer);
        limited.clear();
      }
    });
  }
}
