// Payloads over WebSockets (RFC 6455), one in each binary frame.

import { ClosedError, InvalidInputError, UnreachableError, UnsupportedError } from "@remote-log/core";
import {
  checkArgument,
  checkOptionTypes,
  checkWhole,
  delay,
  lastOf,
  optionKinds,
  random,
  throwIfAborted,
} from "@remote-log/core/adapter";
import { ArrivalQueue } from "../transport/arrival-queue.ts";
import type { Arrival, Transport, TransportOptions } from "../transport/transport.ts";

/** What is used of a WebSocket: that of browsers, of Node.js 22, or of the library `ws`. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** Options of {@link webSocketTransport}. */
export interface WebSocketTransportOptions {
  /** The class that opens connections: in Node.js 20 that of `ws`. Default: that of the runtime. */
  readonly WebSocket?: (new (url: string, protocols?: string[]) => SocketLike) | undefined;
  /** The most bytes of a payload. Whoever sends more is disconnected. Default 1 MiB. */
  readonly maxPayloadBytes?: number | undefined;
  /** The first and the longest wait before a connection is opened again, in milliseconds. Default 1,000 and 60,000. */
  readonly retryMilliseconds?: number | undefined;
  readonly longestRetryMilliseconds?: number | undefined;
}

const { callback, number, withMethods } = optionKinds;
const kinds: optionKinds.KindsOf<WebSocketTransportOptions> = {
  WebSocket: callback,
  maxPayloadBytes: number,
  retryMilliseconds: number,
  longestRetryMilliseconds: number,
};
const aSocket = withMethods(["send", "close", "addEventListener"], "a WebSocket, open or about to be");

/** Options of {@link WebSocketTransport.dial}. */
export interface DialOptions {
  /** Subprotocols to ask for. Default: none. */
  readonly protocols?: readonly string[] | undefined;
}

const OPEN = 1;
/** How many connections one peer has at most: both may dial at the same time. */
const SOCKETS = 4;
/** What is not sent yet of a connection may be this many payloads; then the peer counts as one that can't be reached. */
const BUFFERED_PAYLOADS = 4;

/**
 * Makes a transport over WebSockets. It does not know who is at the other end: whoever accepts connections authenticates them, and says by
 * `add` which peer each one is.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 *
 * @example
 * ```ts
 * import { webSocketTransport } from "@remote-log/mvds/websocket";
 *
 * const transport = webSocketTransport();
 * transport.dial("bob", "wss://bob.example/sync"); // opened again whenever it ends, until `close`
 * transport.close();
 * ```
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): WebSocketTransport {
  return new WebSocketTransport(options);
}

/** A transport over WebSockets. */
export class WebSocketTransport implements Transport {
  readonly #options: {
    readonly maxPayloadBytes: number;
    readonly retryMilliseconds: number;
    readonly longestRetryMilliseconds: number;
  };
  readonly #Socket: WebSocketTransportOptions["WebSocket"];
  readonly #queue = new ArrivalQueue();
  readonly #sockets = new Map<string, SocketLike[]>();
  readonly #closing = new AbortController();

  /** @internal Made by `webSocketTransport`. */
  constructor(options: WebSocketTransportOptions) {
    checkOptionTypes(options, kinds, { name: "webSocketTransport", operation: "websocket.open" });
    const {
      maxPayloadBytes = 2 ** 20,
      retryMilliseconds = 1000,
      longestRetryMilliseconds = 60_000,
    } = options;
    this.#options = { maxPayloadBytes, retryMilliseconds, longestRetryMilliseconds };
    checkWhole(
      { maxPayloadBytes, retryMilliseconds, longestRetryMilliseconds },
      { operation: "websocket.open", largest: 2 ** 31 - 1 },
    );
    this.#Socket =
      options.WebSocket ?? (globalThis as { WebSocket?: WebSocketTransportOptions["WebSocket"] }).WebSocket;
  }

  /** The peers that are connected. */
  get peers(): string[] {
    return [...this.#sockets.keys()].filter((peer) => this.#open(peer) !== undefined);
  }

  /**
   * Uses a connection that is open or about to be. The caller vouches for who is at its other end.
   *
   * @param peer - the peer at its other end
   * @param socket - a WebSocket; of `ws`, that which its server accepted
   */
  add(peer: string, socket: SocketLike): void {
    this.#throwIfClosed();
    if (typeof peer !== "string" || peer === "")
      throw new InvalidInputError("The name of a peer must be a text.", { operation: "websocket.add" });
    checkArgument(socket, aSocket, { name: "The connection", operation: "websocket.add" });
    socket.binaryType = "arraybuffer";
    const sockets = [...(this.#sockets.get(peer) ?? []), socket];
    this.#sockets.set(peer, sockets.slice(-SOCKETS));
    for (const surplus of sockets.slice(0, -SOCKETS)) surplus.close(1008, "too many connections");
    socket.addEventListener("message", ({ data }) => this.#take(peer, socket, data));
    socket.addEventListener("close", () => this.#remove(peer, socket));
    socket.addEventListener("error", () => undefined);
    const cameOnline = (): void => void this.#queue.push({ peer });
    if (socket.readyState === OPEN) cameOnline();
    else socket.addEventListener("open", cameOnline);
  }

  /**
   * Connects to a peer, and again whenever the connection ends, until the transport is closed.
   *
   * @throws UnsupportedError `ERR_UNSUPPORTED` if there is no class to connect with
   */
  dial(peer: string, url: string, { protocols = [] }: DialOptions = {}): void {
    this.#throwIfClosed();
    const Socket = this.#Socket;
    if (Socket === undefined) {
      throw new UnsupportedError(
        "This runtime has no WebSocket. Install `ws`, and pass its class: `webSocketTransport({ WebSocket })`.",
        { operation: "websocket.dial", reason: "runtime" },
      );
    }
    void this.#keepConnected(peer, () => new Socket(url, [...protocols]));
  }

  async send(peer: string, payload: Uint8Array, { signal }: TransportOptions = {}): Promise<void> {
    throwIfAborted(signal);
    this.#throwIfClosed();
    const socket = this.#open(peer);
    if (socket === undefined || socket.bufferedAmount > BUFFERED_PAYLOADS * this.#options.maxPayloadBytes) {
      throw new UnreachableError(
        `Peer ${JSON.stringify(peer)} ${socket === undefined ? "is not connected" : "takes nothing at the moment"}.`,
        { operation: "websocket.send" },
      );
    }
    socket.send(payload.slice());
  }

  receive(options?: TransportOptions): AsyncIterable<Arrival> {
    return this.#queue.take(options);
  }

  /** Ends all connections, and dials no more. */
  close(): void {
    this.#closing.abort();
    this.#queue.end();
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.close(1000);
  }

  async #keepConnected(peer: string, connect: () => SocketLike): Promise<void> {
    const { signal } = this.#closing;
    const { retryMilliseconds, longestRetryMilliseconds } = this.#options;
    let wait = retryMilliseconds;
    while (!signal.aborted) {
      const opened = await this.#connectOnce(peer, connect);
      wait = opened ? retryMilliseconds : Math.min(2 * wait, longestRetryMilliseconds);
      // Half of it by chance, so that not all of a server's peers come back in the same moment.
      await delay(wait / 2 + (random() * wait) / 2, signal).catch(() => undefined);
    }
  }

  /** Connects, and waits until the connection ends. Resolves with whether there was one. */
  #connectOnce(peer: string, connect: () => SocketLike): Promise<boolean> {
    return new Promise((resolve) => {
      try {
        const socket = connect();
        let opened = false;
        socket.addEventListener("open", () => {
          opened = true;
        });
        socket.addEventListener("close", () => resolve(opened));
        this.add(peer, socket);
      } catch {
        // A URL or a protocol that no runtime takes.
        resolve(false);
      }
    });
  }

  #open(peer: string): SocketLike | undefined {
    return lastOf((this.#sockets.get(peer) ?? []).filter((socket) => socket.readyState === OPEN));
  }

  #take(peer: string, socket: SocketLike, data: unknown): void {
    if (!(data instanceof ArrayBuffer)) socket.close(1003, "binary frames only");
    else if (data.byteLength > this.#options.maxPayloadBytes) socket.close(1009, "too large");
    else this.#queue.push({ peer, payload: new Uint8Array(data) });
  }

  #remove(peer: string, socket: SocketLike): void {
    const others = (this.#sockets.get(peer) ?? []).filter((other) => other !== socket);
    if (others.length > 0) this.#sockets.set(peer, others);
    else this.#sockets.delete(peer);
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted)
      throw new ClosedError("The transport is closed.", { operation: "websocket.call" });
  }
}
