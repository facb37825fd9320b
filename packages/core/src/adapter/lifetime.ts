// The life of one adapter object: its operations run until it is closed, and what they throw is translated.

import { abortWith, anySignal, raceSignal, throwIfAborted, withAnySignal } from "../async/signals.ts";
import { ClosedError, isRemoteLogError } from "../errors/index.ts";
import { unknownOutcome } from "../errors/outcome.ts";
import { startTimer, stopTimer } from "../runtime/clock.ts";
import type { OperationContext } from "./call.ts";

/**
 * What ends an operation when its caller gives up, or when the object is closed.
 *
 * - `"immediate"`: the signal. It ends at once for the caller, whatever the work does with the signal.
 * - `"cooperative"`: the work itself, when it next looks at the signal; `close` waits for it. This is for work that must
 *   not be left half-way: a file that is being renamed, a lock that is held.
 */
export type Interruption = "immediate" | "cooperative";

/** Options of {@link Lifetime}. */
export interface LifetimeOptions<Context extends OperationContext> {
  /** The object, for the message: `"storage"`. */
  readonly what: string;
  /** What a failure of the client or the runtime means. Called for what is not an error of this project yet. */
  translate(error: unknown, context: Context): unknown;
  /**
   * Lets go of what the object holds. Called once, when it is closed and every operation has ended for its caller; work
   * that ignores its signal may still be running.
   */
  readonly release?: (() => void | Promise<void>) | undefined;
  /** What ends an operation. Default `"immediate"`. */
  readonly interruption?: Interruption | undefined;
}

/** How long a caller who leaves an iteration waits for its source to end, in milliseconds. */
const LEAVING_MILLISECONDS = 1000;

/** The reason with which `close` ends what is running. */
const CLOSING = Symbol("closing");

/**
 * Runs the operations of one adapter object until it is closed: a signal ends an operation at once with its own
 * reason, whatever the work does with it; `close` ends those that run with `ERR_CLOSED`; what they throw is translated.
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
  check(context: Context): void {
    if (this.#closing.signal.aborted) throw this.#closedError(context);
  }

  /**
   * Runs one operation, with a signal that fires with the caller's, and when the object is closed.
   *
   * @param context - what is being done, for errors
   * @param signal - the caller's own, if there is one
   * @param operation - does the work; not called if the signal has fired, or after `close`
   * @throws the reason of the signal, unchanged
   * @throws ClosedError `ERR_CLOSED` if the object is closed, or is closed meanwhile
   * @throws what the operation throws: an error of this project as it is, anything else translated
   */
  async run<T>(
    context: Context,
    signal: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    this.check(context);
    const running = withAnySignal(this.#signals(signal), (any) =>
      // The operation may answer an abort with an error of its own, or ignore it. The caller gets the signal's own reason.
      this.#isCooperative ? operation(any) : raceSignal(operation(any), any),
    );
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (error === CLOSING) throw this.#closedError(context);
      throwIfAborted(signal);
      throw isRemoteLogError(error) ? error : this.#options.translate(error, context);
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Runs an operation that gives one thing after the other. Each step is as {@link Lifetime.run} has it; nothing is
   * delivered after the signal has fired or after `close`, and the source is ended when the caller leaves.
   *
   * @param open - makes the source; its signal fires when the caller gives up or leaves, and when the object is closed
   */
  async *iterate<T>(
    context: Context,
    signal: AbortSignal | undefined,
    open: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    const any = anySignal(...this.#signals(signal));
    let source: AsyncIterator<T> | undefined;
    let isOver = false;
    try {
      source = await this.run(context, signal, async () => open(any.signal)[Symbol.asyncIterator]());
      for (;;) {
        const iterator = source;
        const step = await this.run(context, signal, () => iterator.next());
        isOver = step.done === true;
        if (step.done) return;
        yield step.value;
      }
    } finally {
      any.abort();
      if (!isOver) await this.#leave(source, signal);
    }
  }

  /** Ends a source. One that still works on a step, or is slow to end, ends by itself: nobody waits for it for long. */
  async #leave(source: AsyncIterator<unknown> | undefined, signal: AbortSignal | undefined): Promise<void> {
    const over = anySignal(signal, this.#closing.signal);
    const patience = startTimer(() => over.abort(), LEAVING_MILLISECONDS);
    await raceSignal((async () => source?.return?.())(), over.signal).catch(() => undefined);
    stopTimer(patience);
    over.clear();
  }

  /**
   * Refuses further operations, and ends those that run: a service that is silent would hold it for ever. Closing twice
   * is no error, and waits for the same end.
   *
   * @throws whatever `release` fails with
   */
  async close(): Promise<void> {
    abortWith(this.#closing, CLOSING);
    await Promise.allSettled(this.#running);
    this.#released ??= this.#release();
    await this.#released;
  }

  get #isCooperative(): boolean {
    return this.#options.interruption === "cooperative";
  }

  #signals(signal: AbortSignal | undefined): readonly (AbortSignal | undefined)[] {
    return this.#isCooperative ? [signal] : [signal, this.#closing.signal];
  }

  async #release(): Promise<void> {
    await this.#options.release?.();
  }

  #closedError({ operation, action }: OperationContext): ClosedError {
    return new ClosedError(
      `The ${this.#options.what} was closed before ${action} had ended.${unknownOutcome(operation)} Open a new one.`,
      { operation },
    );
  }
}
