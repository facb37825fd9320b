// Counts what an iterator of an adapter leaves on its signal: a signal may live as long as a program does, and each
// listener that stays on it keeps what it closes over.

import { ConformanceFailure } from "./assert.ts";

/** `fetch` of Node.js leaves a weak listener on every signal that it is given: nothing that an adapter could mend. */
const OF_FETCH = /node:internal\/deps\/undici/;

/** The signal of one iterator, with the listeners that are on it. */
export class WatchedSignal {
  /** The signal to give to the adapter. It fires when that of the caller does, with the same reason. */
  readonly signal: AbortSignal;
  readonly #call: string;
  /** Every listener, with the place where it was added. */
  readonly #listeners = new Map<unknown, Error>();
  readonly #unfollow: () => void;
  #over = false;

  /** @param call - what the iterator came from, for the message: `"names.watch"` */
  constructor(call: string, followed: AbortSignal) {
    const controller = new AbortController();
    const follow = (): void => controller.abort(followed.reason);
    if (followed.aborted) follow();
    else followed.addEventListener("abort", follow, { once: true });
    this.#unfollow = () => followed.removeEventListener("abort", follow);
    this.#call = call;
    this.signal = this.#counting(controller.signal);
  }

  /** To be called when the iterator is over. Listeners that are still there from now on were left. */
  end(): void {
    this.#over = true;
    this.#unfollow();
  }

  /** What was left, as a failure that has the stack of the first listener, or undefined if nothing was. */
  left(): ConformanceFailure | undefined {
    // A signal that has fired has called its listeners, and nothing adds further ones.
    if (!this.#over || this.signal.aborted) return undefined;
    const stays = [...this.#listeners.values()].filter(({ stack }) => !OF_FETCH.test(String(stack)));
    if (stays.length === 0) return undefined;
    const listeners = stays.length === 1 ? "1 listener" : `${stays.length} listeners`;
    return new ConformanceFailure(
      `${this.#call} left ${listeners} on its signal after its iterator was over: remove them in return()`,
      { cause: stays[0] },
    );
  }

  #counting(signal: AbortSignal): AbortSignal {
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.defineProperties(signal, {
      addEventListener: {
        value: (...values: Parameters<typeof add>) => {
          if (!this.#listeners.has(values[1])) this.#listeners.set(values[1], new Error("added here"));
          add(...values);
        },
      },
      removeEventListener: {
        value: (...values: Parameters<typeof remove>) => {
          this.#listeners.delete(values[1]);
          remove(...values);
        },
      },
    });
    return signal;
  }
}

/**
 * Whether somebody counts the listeners of a signal already, as the cases about listeners do. Such a signal goes to the
 * adapter itself.
 */
export function isCounted(signal: AbortSignal): boolean {
  return Object.hasOwn(signal, "addEventListener");
}
