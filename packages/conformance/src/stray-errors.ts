// Notices errors that nobody handles while a case runs.

import { ConformanceFailure, outcomeOf, show } from "./assert.ts";
import type { ConformanceCase } from "./case.ts";

/**
 * Takes what nobody handles: rejections of promises that nobody waits for, and errors thrown where nobody can catch
 * them. Either would end the process of whoever uses the adapter, so it is a failure of the case that runs.
 */
export class StrayErrors {
  /** How many came while no case ran. */
  outside = 0;
  readonly #onOutside: (text: string) => void;
  #fail: ((error: Error) => void) | undefined;

  /** @param onOutside - told of an error that came while no case ran */
  constructor(onOutside: (text: string) => void) {
    this.#onOutside = onOutside;
  }

  /** A case that fails, too, with the first error that nobody handles while it runs. */
  watching(one: ConformanceCase): ConformanceCase {
    return {
      ...one,
      run: async (context) => {
        let fail: (error: Error) => void = () => undefined;
        const stray = new Promise<never>((_resolve, reject) => {
          fail = reject;
        });
        this.#fail = fail;
        const ran = outcomeOf(one.run(context));
        // A rejection counts as not handled only once all that was ready has run.
        const over = ran.then(
          (outcome) => new Promise<typeof outcome>((resolve) => setTimeout(resolve, 0, outcome)),
        );
        try {
          const outcome = await Promise.race([over, stray]);
          if (outcome.status === "rejected") throw outcome.reason;
        } finally {
          // One that was not over in time may end while a later one runs.
          if (this.#fail === fail) this.#fail = undefined;
        }
      },
    };
  }

  /** Takes one: a listener of the `uncaughtException` of a process. */
  readonly take = (error: unknown): void => {
    const text = `nobody handled an error: ${show(error)}`;
    if (this.#fail !== undefined) {
      this.#fail(new ConformanceFailure(`While the case ran ${text}`, { cause: error }));
      return;
    }
    this.outside++;
    this.#onOutside(`While no case ran ${text}`);
  };
}
