/// <reference types="node" />
// One connection of a client, and the one to the real service that belongs to it.

import { connect, type Socket } from "node:net";
import { contentChanges, isContentFault } from "./content-changes.ts";
import { writeWithoutEnd } from "./endless.ts";
import { HeldBytes } from "./held-bytes.ts";
import { MessageSplitter } from "./message-splitter.ts";
import type { TcpConnection, TcpFault, TcpFaultProxyOptions, TcpReplies, TcpSender } from "./tcp-options.ts";

/** What the proxy passes to a connection, and learns from it. */
export interface TcpProxyState {
  readonly host: string;
  readonly port: number;
  readonly options: TcpFaultProxyOptions;
  /** The fault that lasts. */
  readonly fault: () => TcpFault | undefined;
  /** Counts a request. */
  readonly onRequest: () => void;
  /** Counts bytes of a reply that never ends. */
  readonly onSent: (bytes: number) => void;
}

/** A request whose reply has not come: what becomes of that, or what is said in its place. */
interface Awaited {
  fault: TcpFault | undefined;
  readonly refusal?: Uint8Array;
}

/** The faults under which the service hears nothing, and what is said in its place. */
const refusals: Partial<Record<TcpFault, keyof TcpReplies>> = {
  failing: "failing",
  denied: "denied",
  quota: "quota",
  "endless-failing": "failing",
  "endless-denied": "denied",
};

/** How late a reply comes under `"lag"`, in milliseconds, if nothing else is said. */
const LAG_MS = 500;

/** A connection through the proxy. */
export class TcpExchange {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #proxy: TcpProxyState;
  readonly #connection: TcpConnection;
  readonly #toClient: HeldBytes;
  readonly #awaited: Awaited[] = [];
  /** Whether the request that came last was refused, so that its further parts are not passed on. */
  #refusing = false;
  /** Whether a reply is being sent that never ends. */
  #endless = false;
  #lag: ReturnType<typeof setTimeout> | undefined;

  /** Connects to the real service, and passes on what both say. */
  constructor(client: Socket, number: number, proxy: TcpProxyState) {
    this.#client = client;
    this.#proxy = proxy;
    this.#connection = { number, state: {} };
    this.#server = connect({ host: proxy.host, port: proxy.port, noDelay: true, allowHalfOpen: true });
    this.#toClient = new HeldBytes((bytes) => this.#write(client, bytes, this.#server));
    const fromClient = this.#splitter("client");
    client.on("data", (piece: Uint8Array) => {
      for (const message of fromClient.take(piece)) if (!client.destroyed) this.#fromClient(message);
    });
    client.on("end", () => this.#server.end(fromClient.rest()));
    client.on("close", () => this.destroy());
    const fromServer = this.#splitter("server");
    this.#server.on("data", (piece: Uint8Array) => {
      for (const message of fromServer.take(piece)) if (!client.destroyed) this.#fromServer(message);
    });
    this.#server.on("end", () => {
      this.#toClient.send(fromServer.rest());
      this.#toClient.afterwards(() => client.end());
    });
    // A service that is gone, or resets the connection, is gone for the client too.
    this.#server.on("error", () => this.#toClient.afterwards(() => this.reset()));
  }

  /** Ends both connections as a network does that fails: with a reset. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.destroy();
  }

  /** Ends both connections. */
  destroy(): void {
    clearTimeout(this.#lag);
    this.#toClient.stop();
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Lets go what was held back, since the fault is over. */
  release(): void {
    if (this.#endless) return;
    for (const request of this.#awaited) if (request.fault === "dripping") request.fault = undefined;
    this.#toClient.release();
  }

  #splitter(sender: TcpSender): MessageSplitter {
    const { messageLength } = this.#proxy.options;
    return new MessageSplitter(messageLength && ((bytes) => messageLength(bytes, sender, this.#connection)));
  }

  /** Writes, and has the other side wait until there is room again. */
  #write(to: Socket, bytes: Uint8Array, from: Socket): void {
    if (to.destroyed || to.writableEnded || to.write(bytes)) return;
    from.pause();
    to.once("drain", () => from.resume());
  }

  #fromClient(message: Uint8Array): void {
    const { options, fault: current, onRequest } = this.#proxy;
    const kind = options.isRequest(message, this.#connection);
    if (kind === true) {
      onRequest();
      this.#begin(message, current());
    } else if (!this.#refusing || (kind === false && options.messageLength !== undefined)) {
      this.#write(this.#server, message, this.#client);
    }
  }

  /** Takes the first message of a request, which meets the fault that lasts. */
  #begin(message: Uint8Array, fault: TcpFault | undefined): void {
    const refusal = fault && refusals[fault];
    this.#refusing = refusal !== undefined;
    if (fault === "unreachable") {
      this.reset();
      return;
    }
    if (refusal !== undefined) {
      this.#awaited.push({ fault, refusal: this.#refusal(refusal, message) });
      this.#sendRefusals();
      return;
    }
    if (fault === "silent" || fault === "lag") {
      this.#toClient.hold();
      clearTimeout(this.#lag);
    }
    if (fault === "lag") {
      const { lagMs = LAG_MS } = this.#proxy.options;
      this.#lag = setTimeout(() => this.#toClient.release(), lagMs);
    }
    this.#awaited.push({ fault });
    this.#write(this.#server, message, this.#client);
  }

  #refusal(fault: keyof TcpReplies, request: Uint8Array): Uint8Array {
    const reply = this.#proxy.options.replies?.[fault] ?? "";
    const said = typeof reply === "function" ? reply(request, this.#connection) : reply;
    return typeof said === "string" ? new TextEncoder().encode(said) : said;
  }

  /** Says what is said instead of replies, once the replies before it have come. */
  #sendRefusals(): void {
    for (let [first] = this.#awaited; first?.refusal !== undefined; [first] = this.#awaited) {
      this.#awaited.shift();
      if (first.fault === "failing" || first.fault === "denied" || first.fault === "quota") {
        this.#toClient.send(first.refusal);
      } else {
        this.#sendWithoutEnd(first.refusal);
      }
    }
  }

  /** Sends a reply that never ends. What the service says after it never comes. */
  #sendWithoutEnd(reply: Uint8Array): void {
    const { begin, more } = this.#proxy.options.withoutEnd!(reply, this.#connection);
    this.#endless = true;
    this.#toClient.afterwards(() => writeWithoutEnd(this.#client, begin, this.#proxy.onSent, more));
    this.#toClient.hold();
  }

  #fromServer(message: Uint8Array): void {
    const isReply = this.#proxy.options.isReply(message, this.#connection);
    const fault = isReply ? this.#awaited.shift()?.fault : undefined;
    if (fault === "reply-lost") {
      this.reset();
      return;
    }
    if (fault === "cut") {
      this.#toClient.send(message.subarray(0, message.length >> 1));
      this.#client.end();
      this.#server.destroy();
      return;
    }
    if (fault === "endless") {
      this.#sendWithoutEnd(message);
      return;
    }
    if (fault === "dripping") this.#toClient.drip(this.#proxy.options.dripEnds === true);
    this.#toClient.send(
      fault !== undefined && isContentFault(fault) ? this.#changed(message, fault) : message,
    );
    this.#sendRefusals();
  }

  #changed(reply: Uint8Array, fault: keyof typeof contentChanges): Uint8Array {
    const { changeContent } = this.#proxy.options;
    return changeContent?.(reply, contentChanges[fault], this.#connection) ?? reply;
  }
}
