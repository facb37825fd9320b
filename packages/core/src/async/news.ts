// Tells whoever waits that something has changed.

import { raceSignal } from "./signals.ts";

/** Something that changes from time to time. */
export class News {
  #next: PromiseWithResolve | undefined;

  /** Tells everybody who waits now. */
  tell(): void {
    const told = this.#next;
    this.#next = undefined;
    told?.resolve();
  }

  /** Waits for the next change. */
  next(signal: AbortSignal): Promise<void> {
    this.#next ??= withResolve();
    return raceSignal(this.#next.promise, signal);
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolve(): PromiseWithResolve {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
