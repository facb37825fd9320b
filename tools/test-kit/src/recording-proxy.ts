// A reverse proxy that passes everything on untouched and keeps what a service was sent and what it answered, byte by byte.

import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  /** The path and the query as the service got them. */
  readonly url: string;
  /** The header lines of the request, each with a line end. */
  readonly headers: string;
  /** The body of the request, as far as it has come. */
  body(): Uint8Array;
  /** The status; 0 if no answer has come. */
  readonly status: number;
  /** The header lines of the answer, each with a line end. */
  readonly answerHeaders: string;
  /** The body of the answer, as far as it has come. */
  answerBody(): Uint8Array;
}

/** A recording proxy that runs. */
export interface RecordingProxy {
  /** Where it listens, with the path if it has one: `http://127.0.0.1:<port>/<path>`. */
  readonly url: string;
  /** Every request so far, in the order in which they came. */
  readonly exchanges: readonly Exchange[];
  /** Ends it with all connections. */
  stop(): Promise<void>;
}

/**
 * Starts a recording proxy on a free port of this machine. The `Host` of requests stays as the client wrote it, so that signed
 * requests stay valid.
 *
 * @param target - the URL of the service: `http://127.0.0.1:9000`
 * @param path - a path that clients put before each of theirs and the service does not see: `/some-secret`. Default: none
 */
export async function startRecordingProxy(target: string, path = ""): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    if (!url.startsWith(`${path}/`)) return void outgoing.writeHead(404).end();
    const sent: Uint8Array[] = [];
    const answered: Uint8Array[] = [];
    const exchange = {
      method,
      url: url.slice(path.length),
      headers: linesOf(incoming.rawHeaders),
      body: () => Buffer.concat(sent),
      status: 0,
      answerHeaders: "",
      answerBody: () => Buffer.concat(answered),
    };
    exchanges.push(exchange);
    const onward = sendRequest(
      new URL(exchange.url, target),
      { method, headers: incoming.headers },
      (reply) => {
        exchange.status = reply.statusCode ?? 0;
        exchange.answerHeaders = linesOf(reply.rawHeaders);
        outgoing.writeHead(exchange.status, reply.headers);
        reply.on("data", (piece: Uint8Array) => answered.push(piece));
        reply.on("error", () => outgoing.destroy());
        reply.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.on("data", (piece: Uint8Array) => sent.push(piece));
    incoming.pipe(onward);
  });
  // A client would write on a connection that has just been closed as idle.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    exchanges,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function linesOf(rawHeaders: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < rawHeaders.length; at += 2) lines += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\n`;
  return lines;
}
