import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came over the wire. */
export interface Recorded {
  readonly method: string;
  /** `/api/v0/block/put` */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
}

/** Stands before a node, passes everything on, and remembers what was asked. */
export interface Recorder {
  readonly url: string;
  readonly requests: Recorded[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  /** The most connections that were open at once. */
  readonly mostConnections: () => number;
  /** Ends it, with all connections. */
  stop(): Promise<void>;
}

/** Answers a request in place of the node; `false` to have the node do so. */
export type Answer = (request: Recorded, reply: ServerResponse) => boolean;

/**
 * Starts a recorder.
 *
 * @param target - the URL of the node
 * @param answer - what is answered in its place
 */
export async function startRecorder(target: string, answer: Answer = () => false): Promise<Recorder> {
  const requests: Recorded[] = [];
  const under = { way: 0, most: 0 };
  const connections = { open: 0, most: 0 };
  const server = createServer((request, reply) => {
    const url = new URL(request.url ?? "/", target);
    const { method = "", headers } = request;
    const recorded = { method, headers, path: url.pathname, query: Object.fromEntries(url.searchParams) };
    requests.push(recorded);
    under.most = Math.max(under.most, ++under.way);
    reply.on("close", () => under.way--);
    if (answer(recorded, reply)) {
      request.resume();
      return;
    }
    const onward = sendRequest(url, { method, headers: { ...headers, host: url.host } }, (answered) => {
      reply.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(reply);
    });
    onward.on("error", () => reply.destroy());
    reply.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.on("connection", (socket) => {
    connections.most = Math.max(connections.most, ++connections.open);
    socket.on("close", () => connections.open--);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    mostAtOnce: () => under.most,
    mostConnections: () => connections.most,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
