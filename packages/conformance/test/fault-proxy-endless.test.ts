import { once } from "node:events";
import { createServer, type IncomingMessage, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { type FaultProxy, startFaultProxy, startTcpFaultProxy } from "@remote-log/conformance/fault-proxy";
import { afterEach, expect, test } from "vitest";
import { lineProtocol } from "./tcp/line-proxy.ts";
import { startLineService } from "./tcp/line-service.ts";
import { endPeers, loggedIn, POLL } from "./tcp/peer.ts";

// Replies that never end: what the client gets of them, and what is counted.

const MEBIBYTE = 2 ** 20;
const stops: (() => unknown)[] = [];

afterEach(async () => {
  endPeers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startProxy(): Promise<{ readonly proxy: FaultProxy; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.url === "/none") response.writeHead(404, { "x-kind": "missing" }).end("no such thing");
    else if (request.method === "DELETE") response.writeHead(204).end();
    else response.writeHead(200, { etag: "1" }).end("content");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const replies = { denied: { status: 401, body: "who are you" } };
  const proxy = await startFaultProxy({ target, replies });
  stops.push(proxy.stop);
  return { proxy, seen };
}

/** Reads an answer until there is more than a mebibyte of it, and closes the connection. */
async function read(
  url: string,
  method: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const sending = sendRequest(url, { method, agent: false });
  sending.end();
  const [reply] = (await once(sending, "response")) as [IncomingMessage];
  let text = "";
  for await (const piece of reply.setEncoding("latin1")) {
    text += piece;
    if (text.length > MEBIBYTE) break;
  }
  return { status: reply.statusCode ?? 0, text };
}

test.for([
  ["GET", "/a", 200, "content"],
  ["PUT", "/a", 200, "content"],
  ["GET", "/none", 404, "no such thing"],
  ["DELETE", "/a", 200, ""],
] as const)(
  "endless: %s %s is carried out, and its answer does not end",
  async ([method, path, status, begin]) => {
    const { proxy, seen } = await startProxy();
    await proxy.faults.begin("endless");
    const answer = await read(proxy.url + path, method);
    expect([answer.status, answer.text.slice(0, begin.length + 2)]).toEqual([status, `${begin}..`]);
    expect(answer.text.length).toBeGreaterThan(MEBIBYTE);
    expect(seen).toEqual([`${method} ${path}`]);
    // What is counted is what was sent, and no more comes once the client has closed the connection.
    expect(proxy.faults.sent!()).toBeGreaterThan(MEBIBYTE);
    expect(proxy.faults.sent!()).toBeLessThan(48 * MEBIBYTE);
  },
);

test("endless: the answer to a HEAD has no body, and so an end", async () => {
  const { proxy } = await startProxy();
  await proxy.faults.begin("endless");
  expect(await read(`${proxy.url}/a`, "HEAD")).toEqual({ status: 200, text: "" });
  expect(proxy.faults.sent!()).toBe(0);
});

test.for([
  ["endless-denied", 401, "who are you.."],
  ["endless-failing", 503, "............."],
] as const)("%s: the service hears nothing, and its refusal does not end", async ([fault, status, begin]) => {
  const { proxy, seen } = await startProxy();
  await proxy.faults.begin(fault);
  const answer = await read(`${proxy.url}/a`, "PUT");
  expect([answer.status, answer.text.slice(0, 13), seen]).toEqual([status, begin, []]);
  expect(await read(`${proxy.url}/a`, "HEAD")).toEqual({ status, text: "" });
});

test("a client that collects whatever comes gets 64 MiB, and then no end", async () => {
  const { proxy } = await startProxy();
  await proxy.faults.begin("endless");
  const sending = sendRequest(`${proxy.url}/a`, { agent: false });
  sending.end();
  const [reply] = (await once(sending, "response")) as [IncomingMessage];
  let bytes = 0;
  let ended = false;
  reply.on("data", (piece: Uint8Array) => {
    bytes += piece.length;
  });
  reply.on("end", () => {
    ended = true;
  });
  await expect.poll(() => bytes, POLL).toBeGreaterThanOrEqual(64 * MEBIBYTE);
  expect([bytes, ended]).toEqual([proxy.faults.sent!(), false]);
  expect(bytes).toBeLessThan(65 * MEBIBYTE);
  sending.destroy();
});

test("over TCP a reply that never ends is what the author says, and stays so after the fault", async () => {
  const service = await startLineService("token");
  stops.push(() => service.stop());
  const proxy = await startTcpFaultProxy({ ...lineProtocol, target: `tcp://127.0.0.1:${service.port}` });
  stops.push(proxy.stop);
  const [peer, refused, other] = [await loggedIn(proxy), await loggedIn(proxy), await loggedIn(proxy)];
  await proxy.faults.begin("endless");
  peer.socket.write("PUT a 61\n");
  await expect.poll(() => peer.text.length, POLL).toBeGreaterThan(MEBIBYTE);
  expect(peer.text.slice(0, 6)).toBe("+OK000");
  await proxy.faults.begin("endless-denied");
  refused.socket.write("PUT b 62\n");
  await expect.poll(() => refused.text.length, POLL).toBeGreaterThan(MEBIBYTE);
  expect(refused.text.slice(0, 9)).toBe("-DENIED00");
  proxy.faults.end();
  other.socket.write("GET a\n");
  await other.sees("=61\n");
  expect([peer.text.includes("\n"), service.lines]).toEqual([false, ["PUT a 61", "GET a"]]);
  expect(proxy.faults.sent()).toBeGreaterThan(2 * MEBIBYTE);
});
