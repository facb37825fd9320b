import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** A request as it came over the wire. */
export interface Asked {
  readonly method: string;
  /** `/chunks/…` */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** An answer. */
export interface Told {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. What is produced bit by bit is asked for as fast as the client takes it. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Whether the connection is cut behind the body, so that the answer has no end. */
  readonly cut?: boolean;
}

/** What the node answers. */
export interface NodeTold extends Told {
  readonly body: Uint8Array;
}

/**
 * Answers in place of the node.
 *
 * @param passOn - what the node makes of the request; not asked unless this is called
 */
export type Between = (asked: Asked, passOn: () => Promise<NodeTold>) => Told | Promise<Told>;

/** Stands before a node, and makes of its answers what a test wants. */
export interface NodeProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every request so far. */
  readonly asked: Asked[];
  /** How many bytes of bodies were sent so far. */
  readonly sentBytes: () => number;
  /** Changes what is answered from now on. */
  become(between: Between): void;
}

/** Passes everything on, and changes nothing. */
export const honest: Between = (_asked, passOn) => passOn();

/** Takes the request, and says nothing. */
export const silent: Between = () => new Promise(() => undefined);

/** Starts a proxy, which ends after the tests of the file. */
export async function startNodeProxy(target: string, first: Between = honest): Promise<NodeProxy> {
  let between = first;
  let sent = 0;
  const asked: Asked[] = [];
  const count = (bytes: number): void => {
    sent += bytes;
  };
  const server = createServer((request, reply) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", target);
    const one: Asked = { method: request.method ?? "", path, query, headers: request.headers };
    asked.push(one);
    const body = wholeOf(request);
    const telling = Promise.resolve(between(one, async () => askNode(target, request, await body)));
    telling.then((told) => send(reply, told, count)).catch(() => reply.destroy());
  });
  // A busy client would write on a connection that has just been closed as idle.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    sentBytes: () => sent,
    become(other) {
      between = other;
    },
  };
}

async function wholeOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return new Uint8Array(Buffer.concat(pieces));
}

/** Headers that belong to one connection, or that the next one computes anew. */
const ofConnection = new Set(["connection", "keep-alive", "host", "content-length", "transfer-encoding"]);

async function askNode(
  target: string,
  request: IncomingMessage,
  body: Uint8Array<ArrayBuffer>,
): Promise<NodeTold> {
  const method = request.method ?? "GET";
  const passed = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value !== "string" || ofConnection.has(name) ? [] : [[name, value] as [string, string]],
  );
  const answer = await fetch(new URL(request.url ?? "/", target), {
    method,
    headers: passed,
    redirect: "manual",
    ...(body.length > 0 && { body }),
  });
  const headers = [...answer.headers].filter(([name]) => !ofConnection.has(name));
  return {
    status: answer.status,
    headers: Object.fromEntries(headers.filter(([name]) => name !== "content-encoding")),
    body: new Uint8Array(await answer.arrayBuffer()),
  };
}

async function send(reply: ServerResponse, told: Told, count: (bytes: number) => void): Promise<void> {
  const { status, headers = {}, body = "", cut = false } = told;
  reply.writeHead(status, headers);
  const pieces = typeof body === "string" || body instanceof Uint8Array ? [Buffer.from(body)] : body;
  for await (const piece of pieces) {
    if (reply.destroyed) return;
    count(piece.length);
    if (piece.length > 0 && !reply.write(piece)) await room(reply);
  }
  if (cut) {
    // Node holds what was written back until the next tick, and a destroyed connection drops it.
    reply.flushHeaders();
    await flushed(reply);
    reply.destroy();
  } else {
    reply.end();
  }
}

/** Waits until more can be written, or nobody takes it any more. */
function room(reply: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      reply.off("drain", end).off("close", end);
      resolve();
    };
    reply.on("drain", end).on("close", end);
  });
}

/** Waits until the system has taken all that was written, or the connection is closed. */
async function flushed({ socket }: ServerResponse): Promise<void> {
  if (socket !== null) await new Promise<void>((resolve) => void socket.write("", () => resolve()));
}
