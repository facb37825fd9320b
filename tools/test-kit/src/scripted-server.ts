// An HTTP server on this machine that answers as a test wants: by itself, or in front of a real service whose answers it
// passes on, changes or withholds.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { forward, relay } from "./forward.ts";
import { Gauge } from "./gauge.ts";
import type { ForwardedReply, Reply } from "./reply.ts";

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** The path and the query as they came: `/api/v0/block/get?arg=bafk`. */
  readonly url: string;
  /** The path alone: `/api/v0/block/put`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The whole body, once it is there. Don't read it and have the request passed on untouched as well. */
  body(): Promise<Uint8Array>;
  /** Aborts when the connection closes: the client has the answer, or has left. */
  readonly signal: AbortSignal;
}

/**
 * What a scripted server answers: always the same, or what a function says. `undefined` has the request passed on
 * untouched to the target, piece by piece in both directions. `forward` gets the whole answer of the target, so that
 * the function can change it; the target is not asked unless one of both happens.
 */
export type Script =
  | Reply
  | Promise<Reply>
  | ((
      request: ReceivedRequest,
      forward: () => Promise<ForwardedReply>,
    ) => Reply | undefined | Promise<Reply | undefined>);

/** Options of {@link startScriptedServer}. */
export interface ScriptedServerOptions {
  /** The URL of the service behind it. Default: none; everything has to be answered by the script. */
  readonly target?: string;
}

/** A scripted server that runs. */
export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly ReceivedRequest[];
  /** Requests that are under way. */
  readonly active: Gauge;
  /** Connections that are open. */
  readonly connections: Gauge;
  /** How many bytes of scripted bodies were sent so far. */
  sentBytes(): number;
  /** Changes what is answered from now on. */
  become(script: Script): void;
  /**
   * Ends it with all connections. Safe to call twice.
   *
   * @throws the first error that a script threw
   */
  stop(): Promise<void>;
}

/**
 * Starts a server that answers by a script, on a free port. It keeps running until `stop`; in vitest, `scriptedServer`
 * of `@remote-log/test-kit/vitest` stops it after the tests of the file.
 *
 * @param first - what it answers until `become`. Default: everything is passed on to the target
 * @example
 * ```ts
 * const server = await startScriptedServer(answer(503, "text/plain", "Slow down."));
 * const proxy = await startScriptedServer(({ path }) => (path === "/lost" ? NEVER : undefined), { target: node.url });
 * ```
 */
export async function startScriptedServer(
  first: Script = () => undefined,
  { target }: ScriptedServerOptions = {},
): Promise<ScriptedServer> {
  let script = first;
  let sent = 0;
  const requests: ReceivedRequest[] = [];
  const errors: unknown[] = [];
  const active = new Gauge();
  const connections = new Gauge();

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { request, passOn } = received(incoming, outgoing, target);
    requests.push(request);
    const leave = active.enter();
    outgoing.on("close", leave);
    const reply = await (typeof script === "function" ? script(request, passOn) : script);
    if (reply !== undefined) {
      if (!incoming.readableEnded) incoming.resume();
      await send(outgoing, reply, (count) => {
        sent += count;
      });
    } else if (target === undefined) {
      throw new Error(`No script answers ${request.method} ${request.path}, and there is no target.`);
    } else {
      relay(target, incoming, outgoing);
    }
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      // What fails because the client has left is no error of the script.
      if (!outgoing.destroyed) errors.push(error);
      outgoing.destroy();
    });
  });
  server.on("connection", (socket) => {
    socket.on("close", connections.enter());
    socket.on("error", () => undefined); // "close" follows.
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  let stopped: Promise<unknown> | undefined;
  async function stop(): Promise<void> {
    if (stopped === undefined) {
      stopped = once(server, "close");
      server.close();
      server.closeAllConnections();
    }
    await stopped;
    if (errors.length > 0) throw errors[0];
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    active,
    connections,
    sentBytes: () => sent,
    become(next) {
      script = next;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What a script sees of a request, and how it has the request answered by the target. */
function received(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string | undefined,
): { request: ReceivedRequest; passOn: () => Promise<ForwardedReply> } {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
  const body = (): Promise<Uint8Array<ArrayBuffer>> => {
    whole ??= incoming.toArray().then((pieces: Uint8Array[]) => new Uint8Array(Buffer.concat(pieces)));
    return whole;
  };
  const { method = "", url = "/", headers } = incoming;
  const { pathname: path, searchParams: query } = new URL(url, "http://127.0.0.1");
  const passOn = async (): Promise<ForwardedReply> => {
    if (target === undefined) throw new Error(`There is no target to answer ${method} ${path}.`);
    return forward(target, incoming, await body());
  };
  return { request: { method, url, path, query, headers, body, signal: gone.signal }, passOn };
}

async function send(outgoing: ServerResponse, reply: Reply, count: (bytes: number) => void): Promise<void> {
  const { status = 200, headers = {}, body = "", ending = "complete" } = reply;
  if (ending === "unanswered") {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(
    status,
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "object" ? value.flatMap((one) => [name, one]) : [name, `${value}`],
    ),
  );
  const atOnce = typeof body === "string" || body instanceof Uint8Array;
  if (!atOnce || ending !== "complete") outgoing.flushHeaders();
  const pieces = atOnce ? [Buffer.from(body)] : body;
  for await (const piece of pieces) {
    if (outgoing.destroyed) return;
    count(piece.length);
    if (piece.length > 0 && !outgoing.write(piece)) await drained(outgoing);
  }
  if (ending === "cut") {
    // Node holds what was written back until the next tick, and a destroyed connection drops it.
    await flushed(outgoing);
    outgoing.destroy();
  }
  if (ending === "complete") outgoing.end();
}

/** Waits until more can be written, or nobody reads it any more. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      outgoing.off("drain", end).off("close", end);
      resolve();
    };
    outgoing.on("drain", end).on("close", end);
  });
}

/** Waits until the system has taken all that was written, or the connection is closed. */
async function flushed({ socket }: ServerResponse): Promise<void> {
  if (socket !== null) await new Promise<void>((resolve) => void socket.write("", () => resolve()));
}
