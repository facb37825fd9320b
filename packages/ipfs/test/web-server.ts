import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "./node-for-tests.ts";

/** A web server, and what it was asked. */
export interface WebServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly IncomingMessage[];
}

/** Starts a web server that answers as the test wants; it ends after the tests of the file. */
export async function webServer(listener: RequestListener): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const web = createServer((request, reply) => {
    requests.push(request);
    listener(request, reply);
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  atEnd(() => {
    web.close();
    web.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`, requests };
}

/** An answer of a status, a type and a text. */
export function answer(status: number, type: string, text: string | Uint8Array = ""): RequestListener {
  return (_request, reply) => void reply.writeHead(status, { "content-type": type }).end(text);
}

/** Text without end. */
export function endless(type: string): RequestListener {
  return (_request, reply) => {
    const write = (): void => {
      while (!reply.destroyed && reply.write("x".repeat(10_000)));
    };
    reply.writeHead(200, { "content-type": type }).on("drain", write);
    write();
  };
}

/** It takes the request, and says nothing. */
export const silent: RequestListener = () => undefined;

/** It begins an answer, and does not go on. */
export function begun(type: string): RequestListener {
  return (_request, reply) => void reply.writeHead(200, { "content-type": type }).write("x");
}
