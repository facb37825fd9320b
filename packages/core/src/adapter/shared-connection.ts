// A connection that is opened when it is needed, shared by everybody who needs it, and opened anew after it was lost.

import { abortReason, throwIfAborted } from "../async/signals.ts";
import { SingleFlight } from "../async/single-flight.ts";

/** Options of {@link SharedConnection}. */
export interface ConnectionOptions<Connection> {
  /**
   * Opens a connection. Its signal fires when nobody waits for it any more.
   *
   * @param lost - to be called when the connection has ended by itself (the client's `error` or `close` event): the next
   * use opens another one. An event `error` that nobody listens to ends a Node.js process: listen to it here
   */
  open(signal: AbortSignal, lost: (error: unknown) => void): Promise<Connection>;
  /** Closes one. Also called for one that was lost; what it throws then is ignored. */
  readonly close?: ((connection: Connection) => void | Promise<void>) | undefined;
}

interface Held<Connection> {
  readonly connection: Connection;
  readonly listeners: Set<(error: unknown) => void>;
  /** With what it was lost. */
  loss?: { readonly error: unknown };
}

/**
 * One connection to a service for both halves of a remote. It is opened at the first use, by one attempt for all who ask at
 * the same time, and not by opening an adapter; a lost one is replaced at the next use. It is closed when every half that
 * took hold of it has let go.
 *
 * @example
 * ```ts
 * import { connect } from "node:net";
 * import { SharedConnection } from "@remote-log/core/adapter";
 *
 * const connection = new SharedConnection({
 *   open: (signal, lost) =>
 *     new Promise((resolve, reject) => {
 *       const socket = connect(6379, "127.0.0.1", () => resolve(socket));
 *       socket.on("error", reject).on("close", lost);
 *       signal.addEventListener("abort", () => socket.destroy(), { once: true });
 *     }),
 *   close: (socket: import("node:net").Socket) => void socket.destroy(),
 * });
 * ```
 */
export class SharedConnection<Connection> {
  readonly #options: ConnectionOptions<Connection>;
  readonly #opening = new SingleFlight<Held<Connection>>();
  #held: Held<Connection> | undefined;
  #holders = 0;

  constructor(options: ConnectionOptions<Connection>) {
    this.#options = options;
  }

  /**
   * The connection; opened if there is none.
   *
   * @throws the reason of the signal
   * @throws what `open` throws
   */
  async use(signal: AbortSignal | undefined): Promise<Connection> {
    return (await this.#get(signal)).connection;
  }

  /**
   * The connection, and a word when it is lost: for subscriptions, which have to begin again on another one.
   *
   * @param lost - called once, if it is lost before `forget` was called
   */
  async useUntilLost(
    signal: AbortSignal | undefined,
    lost: (error: unknown) => void,
  ): Promise<{ readonly connection: Connection; readonly forget: () => void }> {
    const held = await this.#get(signal);
    // It may be lost between the moment at which it was there and this one.
    if (held.loss !== undefined) throw held.loss.error;
    const { connection, listeners } = held;
    listeners.add(lost);
    return { connection, forget: () => void listeners.delete(lost) };
  }

  /**
   * Takes hold of the connection, for as long as one half of a remote is open.
   *
   * @returns lets go; the last to do so closes the connection. Doing so twice is no error
   */
  hold(): () => Promise<void> {
    this.#holders++;
    let isHolding = true;
    return async () => {
      if (!isHolding) return;
      isHolding = false;
      if (--this.#holders > 0) return;
      const held = this.#held;
      this.#held = undefined;
      if (held !== undefined) await this.#options.close?.(held.connection);
    };
  }

  async #get(signal: AbortSignal | undefined): Promise<Held<Connection>> {
    throwIfAborted(signal);
    return this.#held ?? this.#opening.run("", signal, (opening) => this.#open(opening));
  }

  async #open(signal: AbortSignal): Promise<Held<Connection>> {
    const listeners = new Set<(error: unknown) => void>();
    let held: Held<Connection> | undefined;
    let lostEarly: { readonly error: unknown } | undefined;
    const lost = (error: unknown): void => {
      if (held === undefined) lostEarly ??= { error };
      else this.#lost(held, error);
    };
    const connection = await this.#options.open(signal, lost);
    held = { connection, listeners };
    if (lostEarly !== undefined || signal.aborted) {
      // Not waited for: closing what is lost may hang.
      void this.#discard(connection);
      throw lostEarly === undefined ? abortReason(signal) : lostEarly.error;
    }
    this.#held = held;
    return held;
  }

  #lost(held: Held<Connection>, error: unknown): void {
    if (held.loss !== undefined) return;
    held.loss = { error };
    const isFirst = this.#held === held;
    if (isFirst) this.#held = undefined;
    for (const listener of [...held.listeners]) listener(error);
    if (isFirst) void this.#discard(held.connection);
  }

  async #discard(connection: Connection): Promise<void> {
    try {
      await this.#options.close?.(connection);
    } catch {
      // It was lost: there is nothing left to be closed properly.
    }
  }
}
