import { ClosedError } from "@remote-log/core";
import { type FaultContext, fromErrno } from "./errors.ts";

/** Runs the operations of one object until it is closed, and translates what they throw. */
export class Lifetime {
  #closed = false;
  readonly #running = new Set<Promise<unknown>>();
  readonly #what: string;

  /** @param what - the object, for the message: `"storage"` */
  constructor(what: string) {
    this.#what = what;
  }

  /** @throws ClosedError `ERR_CLOSED` after `close` */
  check(context: FaultContext): void {
    if (!this.#closed) return;
    throw new ClosedError(`The ${this.#what} was closed before ${context.action}. Open a new one.`, {
      operation: context.operation,
    });
  }

  /** Runs one operation. Errors of the system are mapped; an abort rejects with the signal's own reason. */
  async run<T>(
    context: FaultContext,
    signal: AbortSignal | undefined,
    operation: () => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.check(context);
    const running = operation();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw fromErrno(error, context);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Refuses further operations and waits for those under way, so that no file is left open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }
}
