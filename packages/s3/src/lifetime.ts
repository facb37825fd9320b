import { ClosedError } from "@remote-log/core";
import { withAbort } from "./abort.ts";
import { type FaultContext, fromFailure } from "./errors.ts";

/** The reason with which close ends what is under way. */
const CLOSING = Symbol("closing");

/** Runs the operations of one object until it is closed, and translates what they throw. */
export class Lifetime {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #what: string;

  readonly #release: () => void;

  /**
   * @param what - the object, for the message: `"storage"`
   * @param release - lets go of what the object holds; called once, when it is closed and nothing is under way
   */
  constructor(what: string, release: () => void = () => undefined) {
    this.#what = what;
    this.#release = release;
  }

  /** @throws ClosedError `ERR_CLOSED` after `close` */
  check(context: FaultContext): void {
    if (this.#closing.signal.aborted) throw this.#closedError(context);
  }

  /**
   * Runs one operation with a signal that fires with the caller's, and when the object is closed. Failed requests are
   * mapped; an abort rejects with the signal's own reason.
   */
  async run<T>(
    context: FaultContext,
    signal: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.check(context);
    const running = withAbort([signal, this.#closing.signal], operation);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw error === CLOSING ? this.#closedError(context) : fromFailure(error, context);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Refuses further operations, and ends those under way: a service that is silent would hold it for ever. */
  async close(): Promise<void> {
    const first = !this.#closing.signal.aborted;
    this.#closing.abort(CLOSING);
    await Promise.allSettled(this.#running);
    if (first) this.#release();
  }

  #closedError({ operation, action }: FaultContext): ClosedError {
    return new ClosedError(
      `The ${this.#what} was closed before ${action} had ended; the outcome of a write is unknown. Open a new one.`,
      { operation },
    );
  }
}
