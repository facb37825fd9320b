import { raceSignal, withAnySignal } from "../async/signals.ts";
import { ClosedError, isRemoteLogError } from "../errors/index.ts";

/** What an adapter was doing when something failed. */
export interface OperationContext {
  /** The operation, as `subject.verb`: `"storage.get"`. */
  readonly operation: string;
  /** What was being done, on what, for messages: `"storing a content at https://example.org"`. */
  readonly action: string;
}

/** Options of {@link Lifetime}. */
export interface LifetimeOptions<Context extends OperationContext> {
  /** The object, for the message: `"storage"`. */
  readonly what: string;
  /** What a failure of the client or the runtime means; called for what is not an error of this project yet. */
  translate(error: unknown, context: Context): unknown;
  /**
   * Lets go of what the object holds. Called once, when it is closed and every operation has ended for its caller; work
   * that makes nothing of its signal may still be under way.
   */
  readonly release?: () => void | Promise<void>;
}

/** The reason with which close ends what is under way. */
const CLOSING = Symbol("closing");

/**
 * Runs the operations of one adapter object until it is closed: a signal ends an operation at once with its own
 * reason, whatever the work makes of it; close ends those under way with `ERR_CLOSED`; what they throw is translated.
 */
export class Lifetime<Context extends OperationContext = OperationContext> {
  readonly #options: LifetimeOptions<Context>;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #released: Promise<void> | undefined;

  constructor(options: LifetimeOptions<Context>) {
    this.#options = options;
  }

  /** @throws ClosedError `ERR_CLOSED` after `close` */
  check(context: OperationContext): void {
    if (this.#closing.signal.aborted) throw this.#closedError(context);
  }

  /**
   * Runs one operation, with a signal that fires with the caller's, and when the object is closed.
   *
   * @param context - what is being done, for errors
   * @param signal - the caller's own, if there is one
   * @param operation - does the work; not called where the signal has fired, or after `close`
   * @throws the reason of the signal, unchanged
   * @throws ClosedError `ERR_CLOSED` where the object is closed, or is closed meanwhile
   * @throws what the operation throws: an error of this project as it is, anything else translated
   */
  async run<T>(
    context: Context,
    signal: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    // What the operation makes of an abort is not what the caller said, and it may make nothing of it.
    const running = withAnySignal([signal, this.#closing.signal], (linked) =>
      raceSignal(operation(linked), linked),
    );
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (error === CLOSING) throw this.#closedError(context);
      signal?.throwIfAborted();
      throw isRemoteLogError(error) ? error : this.#options.translate(error, context);
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Refuses further operations, and ends those under way: a service that is silent would hold it for ever. Closing twice
   * is no error, and waits for the same end.
   *
   * @throws whatever `release` fails with
   */
  async close(): Promise<void> {
    this.#closing.abort(CLOSING);
    await Promise.allSettled(this.#running);
    this.#released ??= this.#release();
    await this.#released;
  }

  async #release(): Promise<void> {
    await this.#options.release?.();
  }

  #closedError({ operation, action }: OperationContext): ClosedError {
    return new ClosedError(
      `The ${this.#options.what} was closed before ${action} had ended; the outcome of a write is unknown. Open a new one.`,
      { operation },
    );
  }
}
