/// <reference types="node" />

// The proxy for HTTP: it stands between an adapter and its real service, and makes the service fail.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Fault, FaultControl } from "../fixture.ts";
import { forward } from "./exchange.ts";
import { misbehave } from "./misbehave.ts";
import { allFaults, type FaultProxyOptions } from "./options.ts";
import { stopWith } from "./stop-with.ts";

/** A proxy between an adapter and its real service, which can make the service fail. */
export interface FaultProxy {
  /** Origin of the proxy, to be used instead of the service's: `"http://127.0.0.1:40123"`. */
  readonly url: string;
  /** Makes the service fail, for the clients of this proxy alone. */
  readonly faults: FaultControl;
  /** How many requests have come in so far, whatever became of them. */
  readonly requests: () => number;
  /** Ends every connection, and the proxy. Stopping twice is no error. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts an HTTP/1.1 proxy on a free port of 127.0.0.1. Without a fault it forwards every request and answer as it
 * came, `Host` and all other headers included, so that signatures over them stay valid. It takes less
 * than a millisecond to start: give every case a proxy of its own.
 *
 * A request meets the fault that is active when its headers arrive; `"unreachable"` also cuts those that are running when
 * it begins. Under `"dripping"`, `"endless"` and `"reply-lost"` the real server carries the request out. A reply that drips
 * or never ends, or a connection that is silent, stays so after the end of the fault, until the client closes the
 * connection: a client that kept such a connection for its next request would wait for ever. Of an endless reply at most
 * 64 MiB come; then nothing more does, and no end. The answer to a HEAD has no body, and so it ends.
 * An empty content can't be corrupted or truncated, and is passed on as it is.
 *
 * @throws TypeError if the target is not an `http:` URL
 *
 * @example
 * ```ts
 * import { startFaultProxy } from "@remote-log/conformance/fault-proxy";
 *
 * const proxy = await startFaultProxy({
 *   target: "http://127.0.0.1:9000",
 *   replies: { denied: { status: 401 } }, // what this service says; the default is an empty 403
 * });
 * await proxy.faults.begin("denied");
 * console.log((await fetch(proxy.url)).status); // 401
 * await proxy.faults.end();
 * await proxy.stop();
 * ```
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = new URL(options.target);
  if (target.protocol !== "http:")
    throw new TypeError(`The target ${target.origin} is not of the form http://…`);
  const kinds = options.kinds ?? allFaults;
  const sockets = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  let met = 0;
  let fault: Fault | undefined;
  let requests = 0;
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent += bytes;
  };

  const handle = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    requests++;
    if (fault !== undefined) met++;
    answering.add(response);
    response.on("close", () => answering.delete(response));
    response.on("error", () => undefined); // The client went away; "close" says so as well.
    const exchange = { request, response, expectsContinue, target, onSent };
    if (fault === undefined) forward(exchange);
    else misbehave(fault, exchange, options);
  };
  // Without time limits of its own: a connection that the proxy closes when idle would look like a fault.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true });
  server.on("request", handle(false));
  server.on("checkContinue", handle(true));
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // "close" follows.
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return stopping;
  };
  if (options.signal !== undefined) stopWith(options.signal, stop);
  if (options.signal?.aborted === true) await stop();

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port ?? 0}`,
    faults: {
      kinds,
      begin(kind) {
        fault = kind;
        if (kind === "unreachable") for (const response of answering) response.destroy();
      },
      end() {
        fault = undefined;
      },
      met: () => met,
      sent: () => sent,
    },
    requests: () => requests,
    stop,
  };
}
