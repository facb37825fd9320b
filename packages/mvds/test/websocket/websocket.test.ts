import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Arrival } from "@remote-log/mvds";
import { type SocketLike, type WebSocketTransport, webSocketTransport } from "@remote-log/mvds/websocket";
import { until } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";

const dialer = { WebSocket: WebSocket as unknown as new (url: string) => SocketLike, retryMilliseconds: 10 };

interface Server {
  readonly url: string;
  readonly transport: WebSocketTransport;
  readonly arrivals: Arrival[];
  readonly sockets: WebSocket[];
}

async function serve(options = {}): Promise<Server> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const transport = webSocketTransport(options);
  const sockets: WebSocket[] = [];
  server.on("connection", (socket, { url }) => {
    sockets.push(socket);
    // Whoever accepts a connection says whose it is.
    transport.add(url!.slice(1), socket);
  });
  const arrivals = collect(transport);
  atEnd(() => {
    transport.close();
    for (const socket of sockets) socket.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, transport, arrivals, sockets };
}

function collect(transport: WebSocketTransport): Arrival[] {
  const arrivals: Arrival[] = [];
  void (async () => {
    for await (const arrival of transport.receive()) arrivals.push(arrival);
  })();
  return arrivals;
}

function client(url: string, name: string): { transport: WebSocketTransport; arrivals: Arrival[] } {
  const transport = webSocketTransport(dialer);
  atEnd(() => transport.close());
  transport.dial("server", `${url}/${name}`);
  return { transport, arrivals: collect(transport) };
}

const wait = (condition: () => boolean, what: string): Promise<void> =>
  until(condition, { what, progress: () => Math.floor(performance.now() / 10_000) });

test("payloads go both ways, and each side hears that the other has come online", async () => {
  const server = await serve();
  const alice = client(server.url, "alice");
  await wait(() => alice.transport.peers.length === 1 && server.transport.peers.length === 1, "a connection");
  await alice.transport.send("server", new Uint8Array([1, 2]));
  await server.transport.send("alice", new Uint8Array([3]));
  await wait(() => server.arrivals.length === 2 && alice.arrivals.length === 2, "payloads");
  expect(server.arrivals).toEqual([{ peer: "alice" }, { peer: "alice", payload: new Uint8Array([1, 2]) }]);
  expect(alice.arrivals).toEqual([{ peer: "server" }, { peer: "server", payload: new Uint8Array([3]) }]);
});

test("a connection that ends is opened again, and a peer without one can't be reached", async () => {
  const server = await serve();
  const alice = client(server.url, "alice");
  await wait(() => server.transport.peers.length === 1, "a connection");
  server.sockets[0]!.terminate();
  await wait(() => server.sockets.length === 2 && server.transport.peers.length === 1, "another connection");
  await wait(() => alice.arrivals.length === 2, "the word that it is back");
  await expect(alice.transport.send("nobody", new Uint8Array())).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
  });
});

test("text and too large a frame end the connection", async () => {
  const server = await serve({ maxPayloadBytes: 10 });
  const codes: number[] = [];
  for (const frame of ["text", new Uint8Array(11)]) {
    const socket = new WebSocket(`${server.url}/mallory`);
    socket.on("close", (code) => codes.push(code));
    await once(socket, "open");
    socket.send(frame);
  }
  await wait(() => codes.length === 2, "both ends");
  expect(codes.sort((a, b) => a - b)).toEqual([1003, 1009]);
  expect(server.arrivals.filter(({ payload }) => payload !== undefined)).toEqual([]);
});

test("of more than four connections of a peer the oldest is closed", async () => {
  const server = await serve();
  const codes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const socket = new WebSocket(`${server.url}/bob`);
    socket.on("close", (code) => codes.push(code));
    await once(socket, "open");
  }
  await wait(() => codes.length === 1, "the end of the oldest");
  expect(codes).toEqual([1008]);
  await server.transport.send("bob", new Uint8Array([1]));
});

test("a peer that takes nothing counts as one that can't be reached", async () => {
  const socket = Object.assign(new EventTarget(), {
    binaryType: "",
    readyState: 1,
    bufferedAmount: 41,
    send: () => undefined,
    close: () => undefined,
  }) as unknown as SocketLike;
  const transport = webSocketTransport({ maxPayloadBytes: 10 });
  transport.add("bob", socket);
  expect(socket.binaryType).toBe("arraybuffer");
  await expect(transport.send("bob", new Uint8Array([1]))).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
  transport.close();
});

test("after close nothing is sent, added or dialed, and what is received ends", async () => {
  const server = await serve();
  const alice = client(server.url, "alice");
  await wait(() => server.transport.peers.length === 1, "a connection");
  alice.transport.close();
  await wait(() => server.transport.peers.length === 0, "its end");
  const closed = { code: "ERR_CLOSED" };
  await expect(alice.transport.send("server", new Uint8Array())).rejects.toMatchObject(closed);
  expect(() => alice.transport.dial("server", server.url)).toThrow(expect.objectContaining(closed));
  for await (const _ of alice.transport.receive()) expect.unreachable();
});

test("a URL that is none is tried again, and does no harm", async () => {
  let tries = 0;
  const transport = webSocketTransport({
    retryMilliseconds: 1,
    longestRetryMilliseconds: 2,
    WebSocket: class {
      constructor() {
        tries++;
        throw new SyntaxError("no URL");
      }
    } as never,
  });
  transport.dial("bob", "no url");
  await wait(() => tries > 2, "another attempt");
  expect(transport.peers).toEqual([]);
  transport.close();
});

test("wrong options are refused", () => {
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" }) as unknown;
  for (const wrong of [{ maxPayloadBytes: 0 }, { WebSocket: "ws" }, { retryMilliseconds: "5" }, "ws"])
    expect(() => webSocketTransport(wrong as never)).toThrow(refused);
  const transport = webSocketTransport();
  expect(() => transport.add("", {} as never)).toThrow(refused);
  expect(() => transport.add("bob", {} as never)).toThrow("The connection must be a WebSocket");
  expect(transport.peers).toEqual([]);
});
