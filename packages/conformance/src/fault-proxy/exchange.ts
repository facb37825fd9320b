/// <reference types="node" />

// One request and its answer, on their way through the proxy for HTTP.

import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from "node:http";
import type { FaultRequest } from "./options.ts";

/** The largest body that is sent in one piece with its head. */
const TOGETHER_BYTES = 1024 * 1024;

/** One request of a client, and its way to the real server. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the client waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** The real server. */
  readonly target: URL;
  /** Counts bytes of an answer that never ends. */
  readonly onSent: (bytes: number) => void;
}

/** Headers that belong to one connection, and so differ between client and server. */
const ofConnection: ReadonlySet<string> = new Set(["connection", "keep-alive", "proxy-connection"]);

/** What is passed on of headers: all but those of the connection, with their names, values and order untouched. */
export function passedHeaders(raw: readonly string[], without?: ReadonlySet<string>): string[] {
  const passed: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!ofConnection.has(name) && without?.has(name) !== true) passed.push(raw[i]!, raw[i + 1]!);
  }
  return passed;
}

/** What an answer may depend on. */
export function requestOf({ request }: Exchange): FaultRequest {
  return { method: request.method ?? "GET", path: request.url ?? "/" };
}

/** Cuts the connection to the client, unless it was answered already: then the next request may be on its way there. */
export function cut({ request, response }: Exchange): void {
  if (!response.writableFinished) request.socket.resetAndDestroy();
}

/** Takes the whole request, and does nothing with it. */
export function takeIn({ request, response, expectsContinue }: Exchange): void {
  if (expectsContinue) response.writeContinue();
  request.resume();
}

/**
 * Has the real server carry out the request. If it can't be reached, or goes away, the client's connection is
 * cut; if the client goes away, so is the server's.
 *
 * @param whenReplied - called with the head of the answer; the body is still to be read
 */
export function carryOut(exchange: Exchange, whenReplied: (reply: IncomingMessage) => void): void {
  const { request, response, target, expectsContinue } = exchange;
  let replied = false;
  // A connection of its own: none that the server may be about to close. But it does not ask for its end: told so, some
  // servers that refuse a request cut off its body, and their answer with it.
  const agent = new Agent({ keepAlive: true });
  const upstream = sendRequest({
    agent,
    host: target.hostname.replace(/^\[|\]$/g, ""),
    port: target.port === "" ? 80 : target.port,
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: passedHeaders(request.rawHeaders),
    setHost: false,
  });
  upstream.on("continue", () => response.writeContinue());
  upstream.on("error", () => {
    // A server may answer before it has read everything, and close: what it said counts.
    if (!replied) cut(exchange);
  });
  upstream.on("response", (reply) => {
    replied = true;
    reply.on("error", () => cut(exchange));
    whenReplied(reply);
  });
  response.on("close", () => {
    upstream.destroy();
    agent.destroy();
  });
  request.on("error", () => upstream.destroy());
  if (expectsContinue) request.pipe(upstream);
  else sendTogether(request, upstream);
}

/**
 * Sends a body of moderate size in one piece with its head, as clients do. Behind a head that came alone, a server that
 * refuses at once and closes would cut off the body, and its own answer with it.
 */
function sendTogether(request: IncomingMessage, upstream: ClientRequest): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const onEnd = (): void => void (length === 0 ? upstream.end() : upstream.end(Buffer.concat(chunks)));
  const onData = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= TOGETHER_BYTES) return;
    request.off("data", onData).off("end", onEnd);
    upstream.write(Buffer.concat(chunks));
    request.pipe(upstream);
  };
  request.on("data", onData).on("end", onEnd);
}

/** Has the real server carry out the request, and passes its answer on. */
export function forward(exchange: Exchange): void {
  carryOut(exchange, (reply) => {
    const { response } = exchange;
    response.sendDate = false;
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, passedHeaders(reply.rawHeaders));
    reply.on("end", () => {
      if (reply.rawTrailers.length > 0) response.addTrailers(reply.trailers);
    });
    reply.pipe(response);
  });
}
