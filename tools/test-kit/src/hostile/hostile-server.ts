// A server that wants its clients to read without end. Each of its answers has a URL of its own.

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type HostileAnswer, hostileAnswers } from "./answers.ts";
import { type HostileRequest, head } from "./wire.ts";

/**
 * An honest answer to some requests, so that what an operation sends after them is answered, too; `undefined` for the others.
 */
export type HonestAnswer = (
  request: HostileRequest,
) =>
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | undefined;

/** The header with the name of an answer, for clients that can't be given a URL with a path. */
const ANSWER_HEADER = "x-hostile-answer";

/** A hostile server that runs. */
export interface HostileServer extends AsyncDisposable {
  /** Below this URL, every request gets the answer of this name. */
  urlOf(answer: string): string;
  /** How many requests there were so far for an answer. */
  requestsFor(answer: string): number;
  /** The names of the answers that are being sent: connections that are open after a request. */
  open(): readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts a hostile server on a free port of this machine.
 *
 * @param honest - the requests that get an honest answer. Default: none
 */
export async function startHostileServer(
  answers: readonly HostileAnswer[] = hostileAnswers,
  honest: HonestAnswer = () => undefined,
): Promise<HostileServer> {
  const byName = new Map(answers.map((answer) => [answer.name, answer]));
  const requests = new Map<string, number>();
  const sockets = new Map<Socket, string | undefined>();

  /** Answers a request as far as it has come; honestly only once it is there to its end. */
  function answer(socket: Socket, received: string): void {
    const [, method = "", first = "", rest = ""] = /^(\w+) \/([^/? ]+)(\S*)/.exec(received) ?? [];
    // A client that replaces the path of the URL names the answer in a header.
    const [, named] = new RegExp(`^${ANSWER_HEADER}: *(\\S+)`, "im").exec(received) ?? [];
    const [name, path] = named === undefined ? [first, rest] : [named, `/${first}${rest}`];
    const found = byName.get(name);
    if (found === undefined || socket.destroyed) {
      socket.destroy();
      return;
    }
    const request = { method, path, base: `/${name}` };
    const answered = honest(request);
    if (answered !== undefined) {
      // A connection that closes before that would be an error of its own.
      if (!isWhole(received)) return;
      const { status, headers, body = "" } = answered;
      const length = Buffer.byteLength(body);
      socket.end(`${head(status, { ...headers, "content-length": length, connection: "close" })}${body}`);
      return;
    }
    sockets.set(socket, name);
    requests.set(name, (requests.get(name) ?? 0) + 1);
    void found.act(socket, request);
  }

  const server = createServer((socket) => {
    socket.setNoDelay();
    sockets.set(socket, undefined);
    socket.on("error", () => undefined); // "close" follows.
    socket.on("close", () => sockets.delete(socket));
    let received = "";
    socket.on("data", (data) => {
      // No connection gets a second answer: none of them ends well.
      if (sockets.get(socket) !== undefined || socket.writableEnded) return;
      received += data.toString("latin1");
      if (received.includes("\r\n\r\n")) answer(socket, received);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
    await closed;
  }
  return {
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    requestsFor: (name) => requests.get(name) ?? 0,
    open: () => [...sockets.values()].filter((name) => name !== undefined),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether a request has its whole body. */
function isWhole(received: string): boolean {
  const [headers = "", ...rest] = received.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  if (/^transfer-encoding:.*chunked/im.test(headers)) return received.endsWith("0\r\n\r\n");
  return body.length >= Number(/^content-length: *(\d+)/im.exec(headers)?.[1] ?? "0");
}
