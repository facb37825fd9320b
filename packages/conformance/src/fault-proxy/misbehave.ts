/// <reference types="node" />

// What the proxy for HTTP does to an answer, fault by fault.

import type { IncomingMessage } from "node:http";
import type { Fault } from "../fixture.ts";
import { contentChanges, DRIP_MS } from "./content-changes.ts";
import { writeWithoutEnd } from "./endless.ts";
import { carryOut, cut, type Exchange, forward, passedHeaders, requestOf, takeIn } from "./exchange.ts";
import type { FaultProxyOptions, FaultReplies, FaultReply } from "./options.ts";

/** Headers that say where an answer ends. */
const ofFraming: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "trailer"]);
const defaultReplies: Required<FaultReplies> = {
  failing: { status: 503 },
  denied: { status: 403 },
  quota: { status: 507 },
};

type Misbehaviour = (exchange: Exchange, options: FaultProxyOptions) => void;

const misbehaviours: Readonly<Record<Fault, Misbehaviour>> = {
  unreachable: cut,
  "reply-lost": (exchange) => {
    carryOut(exchange, (reply) => {
      reply.on("end", () => cut(exchange));
      reply.resume();
    });
  },
  failing: refuse("failing"),
  denied: refuse("denied"),
  quota: refuse("quota"),
  silent: takeIn,
  dripping: (exchange, options) => carryOut(exchange, (reply) => drip(exchange, reply, options)),
  endless: (exchange) => carryOut(exchange, (reply) => replyWithoutEnd(exchange, reply)),
  "endless-failing": refuse("failing", true),
  "endless-denied": refuse("denied", true),
  corrupt: changeContent(contentChanges.corrupt),
  truncated: changeContent(contentChanges.truncated),
  extended: changeContent(contentChanges.extended),
};

/** Answers a request as a fault wants it. */
export function misbehave(fault: Fault, exchange: Exchange, options: FaultProxyOptions): void {
  misbehaviours[fault](exchange, options);
}

/**
 * Answers without asking the real server.
 *
 * @param endless - whether the body of the answer never ends
 */
function refuse(fault: keyof FaultReplies, endless = false): Misbehaviour {
  return (exchange, { replies }) => {
    const { request, response, expectsContinue } = exchange;
    const chosen = replies?.[fault] ?? defaultReplies[fault];
    const reply: FaultReply = typeof chosen === "function" ? chosen(requestOf(exchange)) : chosen;
    const { status, headers = {}, body = "" } = reply;
    const answer = (): void => {
      // A client that waits for a 100 may still send its body: the connection can't be used again.
      const closing = expectsContinue ? { connection: "close" } : {};
      if (endless && request.method !== "HEAD") {
        response.writeHead(status, { ...headers, ...closing });
        writeWithoutEnd(response, Buffer.from(body), exchange.onSent);
        return;
      }
      response.writeHead(status, { ...headers, ...closing, "content-length": Buffer.byteLength(body) });
      response.end(body);
    };
    request.on("error", () => undefined); // The client went away: nobody is left to be answered.
    if (expectsContinue) answer();
    else request.on("end", answer).resume();
  };
}

/** Begins an answer and continues byte by byte: in the body if a content is read, else within the headers. */
function drip(exchange: Exchange, reply: IncomingMessage, { reads }: FaultProxyOptions): void {
  const { request, response } = exchange;
  const { socket } = request;
  const { statusCode = 200, statusMessage = "" } = reply;
  const isRead = request.method === "GET" || reads?.(requestOf(exchange)) === true;
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let next: () => void;
  if (isRead && request.method !== "HEAD" && statusCode !== 204 && statusCode !== 304) {
    response.sendDate = false;
    response.writeHead(statusCode, statusMessage, passedHeaders(reply.rawHeaders, ofFraming));
    response.flushHeaders();
    reply.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
    });
    next = () => {
      response.write(rest.length > 0 ? rest.subarray(0, 1) : ".");
      rest = rest.subarray(1);
    };
  } else {
    reply.resume();
    socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\nx-more: `);
    next = () => socket.write(".");
  }
  const timer = setInterval(next, DRIP_MS);
  socket.on("close", () => clearInterval(timer));
}

/**
 * Passes an answer on, and continues its body for ever. A 204, which has none, becomes a 200. What still has none, a 304
 * and the answer to a HEAD, passes as it is.
 */
function replyWithoutEnd({ request, response, onSent }: Exchange, reply: IncomingMessage): void {
  const { statusCode = 502, statusMessage, rawHeaders } = reply;
  response.sendDate = false;
  if (request.method === "HEAD" || statusCode === 304) {
    response.writeHead(statusCode, statusMessage, passedHeaders(rawHeaders));
    reply.pipe(response);
    return;
  }
  const status = statusCode === 204 ? 200 : statusCode;
  const chunks: Uint8Array[] = [];
  reply.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  reply.on("end", () => {
    response.writeHead(status, statusMessage, passedHeaders(rawHeaders, ofFraming));
    writeWithoutEnd(response, Buffer.concat(chunks), onSent);
  });
}

/** Passes an answer on; if it carries a content, with other bytes and a length that fits them. */
function changeContent(change: (content: Uint8Array) => Uint8Array): Misbehaviour {
  return (exchange, { reads = ({ method }) => method === "GET" }) => {
    if (reads(requestOf(exchange))) carryOut(exchange, (reply) => replyChanged(exchange, reply, change));
    else forward(exchange);
  };
}

function replyChanged(
  { response }: Exchange,
  reply: IncomingMessage,
  change: (content: Uint8Array) => Uint8Array,
): void {
  const { statusCode = 502, statusMessage, rawHeaders } = reply;
  const chunks: Uint8Array[] = [];
  reply.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  reply.on("end", () => {
    const whole = Buffer.concat(chunks);
    const content = statusCode >= 200 && statusCode <= 299 ? change(whole) : whole;
    const headers = passedHeaders(rawHeaders, ofFraming);
    if (statusCode !== 204 && statusCode !== 304) headers.push("Content-Length", String(content.length));
    response.sendDate = false;
    response.writeHead(statusCode, statusMessage, headers);
    response.end(content);
  });
}
