// A forward proxy of our own, as networks of companies have one (RFC 9110 §3.7): it makes tunnels (CONNECT, §9.3.6), and passes
// requests for `http:` URLs on whose target is the whole URL (RFC 9112 §3.2.2). It looks names up itself, in a table of the test.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A request as it came to a proxy. */
export interface ProxiedRequest {
  readonly method: string;
  /** What the proxy was asked for: `host:port` of a tunnel, else a whole URL. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * What a proxy does: its work; answer everything with one status and one body, a tunnel, too; close each connection; or nothing.
 */
export type ProxyConduct =
  | "work"
  | "close"
  | "silence"
  | { readonly status: number; readonly type?: string; readonly body?: string };

/** A forward proxy that runs. */
export interface ForwardProxy {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly ProxiedRequest[];
  /** Changes what it does from now on. */
  become(conduct: ProxyConduct): void;
  /** Ends it with all connections. */
  stop(): Promise<void>;
}

/**
 * Starts a forward proxy on a free port of this machine.
 *
 * @param hosts - where it finds a host: the URL of a server, by `host:port`. To any other it answers 502
 */
export async function startForwardProxy(hosts: ReadonlyMap<string, string>): Promise<ForwardProxy> {
  let conduct: ProxyConduct = "work";
  const requests: ProxiedRequest[] = [];
  const sockets = new Set<Duplex>();

  const note = ({ method = "", url = "", headers }: IncomingMessage): void => {
    requests.push({ method, target: url, headers });
  };

  const server = createServer((incoming, outgoing) => {
    note(incoming);
    if (conduct === "silence") return;
    if (conduct === "close") return void outgoing.destroy();
    if (conduct !== "work") {
      const { status, type = "text/html", body = "" } = conduct;
      return void outgoing.writeHead(status, { "content-type": type }).end(body);
    }
    const asked = URL.canParse(incoming.url ?? "") ? new URL(incoming.url ?? "") : undefined;
    const target = asked && hosts.get(`${asked.hostname}:${asked.port || 80}`);
    if (asked === undefined || target === undefined) return void outgoing.writeHead(502).end();
    const { hostname, port } = new URL(target);
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const path = `${asked.pathname}${asked.search}`;
    const passed = request({ hostname, port, path, method: incoming.method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });

  server.on("connect", (incoming: IncomingMessage, socket: Duplex) => {
    note(incoming);
    socket.on("error", () => undefined); // "close" follows.
    if (conduct === "silence") return;
    if (conduct === "close") return void socket.destroy();
    if (conduct !== "work") return void socket.end(answerOf(conduct));
    const target = hosts.get(incoming.url ?? "");
    if (target === undefined) return void socket.end(answerOf({ status: 502 }));
    const { hostname, port } = new URL(target);
    const behind: Socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(behind).pipe(socket);
    });
    sockets.add(behind);
    behind.on("error", () => socket.destroy());
    socket.on("close", () => behind.destroy());
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    become: (next) => {
      conduct = next;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answerOf({ status, type = "text/html", body = "" }: Exclude<ProxyConduct, string>): string {
  const headers = `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  return `HTTP/1.1 ${status} Said\r\n${headers}\r\n\r\n${body}`;
}
