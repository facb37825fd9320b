import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as sendRequest,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type FaultProxy, type FaultReplies, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, codeOf, send } from "./http-client.ts";
import { HANG_MS } from "./patience.ts";

// A small server that keeps what was PUT, and writes down every request just as it came.
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

let server: Server;
let target: string;
let seen: Seen[];
let contents: Map<string, Buffer>;
const proxies: FaultProxy[] = [];

beforeEach(async () => {
  seen = [];
  contents = new Map();
  server = createServer((request, response) => void answer(request, response));
  target = await listen(server);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  const { method = "", url = "", rawHeaders } = request;
  seen.push({ method, url, rawHeaders, body });
  if (method === "PUT") contents.set(url, body);
  const content = contents.get(url);
  if (method === "DELETE") contents.delete(url);
  if (url.startsWith("/unchanged")) response.writeHead(304, { ETag: '"7"' }).end();
  else if (content === undefined) response.writeHead(404, { "X-Kind": "missing" }).end("no such thing");
  else if (method === "GET" || method === "HEAD") {
    response.writeHead(200, "Fine", [
      "ETag",
      '"1"',
      "X-Twice",
      "a",
      "X-Twice",
      "b",
      "Content-Length",
      `${content.length}`,
    ]);
    response.end(content);
  } else response.writeHead(201).end();
}

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function listen(listening: Server): Promise<string> {
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

async function startProxy(replies?: FaultReplies): Promise<FaultProxy> {
  const proxy = await startFaultProxy(replies === undefined ? { target } : { target, replies });
  proxies.push(proxy);
  return proxy;
}

async function put(proxy: FaultProxy, path: string, body: Uint8Array): Promise<Answer> {
  return send(proxy.url + path, { method: "PUT", body });
}

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256));

test("without a fault method, path, headers and body reach the server as they were sent", async () => {
  const proxy = await startProxy();
  const headers = { Host: "bucket.example", "X-Signed-Thing": "A  b", authorization: "Signature=x" };
  await send(`${proxy.url}/a%2Fb/%E2%82%AC?x-id=Put&empty=`, { method: "PUT", headers, body: content });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ method: "PUT", url: "/a%2Fb/%E2%82%AC?x-id=Put&empty=" });
  expect(seen[0]!.rawHeaders.join("\n")).toContain(
    "Host\nbucket.example\nX-Signed-Thing\nA  b\nauthorization\nSignature=x",
  );
  expect(seen[0]!.body.equals(content)).toBe(true);
  expect(proxy.requests()).toBe(1);
});

test("without a fault status, its text, headers and body come back as the server sent them", async () => {
  const proxy = await startProxy();
  expect((await put(proxy, "/a", content)).status).toBe(201);
  const answer = await send(`${proxy.url}/a`);
  expect(answer).toMatchObject({ status: 200, message: "Fine" });
  expect(answer.rawHeaders.join("\n")).toContain(`ETag\n"1"\nX-Twice\na\nX-Twice\nb\nContent-Length\n100000`);
  expect(answer.body.equals(content)).toBe(true);
  const missing = await send(`${proxy.url}/none`);
  expect([missing.status, missing.body.toString()]).toEqual([404, "no such thing"]);
});

test("a HEAD keeps the length and has no body, a 304 has neither", async () => {
  const proxy = await startProxy();
  await put(proxy, "/a", content);
  const head = await send(`${proxy.url}/a`, { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(head.rawHeaders.join("\n")).toContain("Content-Length\n100000");
  const unchanged = await send(`${proxy.url}/unchanged`);
  expect(unchanged).toMatchObject({ status: 304, body: Buffer.alloc(0) });
  expect(unchanged.rawHeaders.join("\n")).toContain('ETag\n"7"');
});

test("a body without a length, and one that waits for a 100, arrive whole", async () => {
  const proxy = await startProxy();
  await send(`${proxy.url}/chunked`, {
    method: "PUT",
    headers: { "Transfer-Encoding": "chunked" },
    body: content,
  });
  await send(`${proxy.url}/waits`, {
    method: "PUT",
    headers: { Expect: "100-continue", "Content-Length": String(content.length) },
    body: content,
  });
  expect(seen.map(({ body }) => body.equals(content))).toEqual([true, true]);
  expect(seen[0]!.rawHeaders.join("\n")).toContain("Transfer-Encoding\nchunked");
});

test("a body of any size arrives whole, even if the proxy does not hold all of it", async () => {
  const proxy = await startProxy();
  for (const size of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3_500_000]) {
    const body = Buffer.alloc(size, content);
    expect((await put(proxy, `/${size}`, body)).status).toBe(201);
    expect([size, contents.get(`/${size}`)?.equals(body)]).toEqual([size, true]);
  }
});

test("unreachable: the connection is cut, and the server hears nothing", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("unreachable");
  await expect(put(proxy, "/a", content)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect([seen.length, proxy.requests()]).toEqual([0, 1]);
});

test("reply-lost: the server carries it out, and the connection is cut instead of the answer", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("reply-lost");
  await expect(put(proxy, "/a", content)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(contents.get("/a")?.equals(content)).toBe(true);
  await expect(send(`${proxy.url}/a`)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test.for([
  ["failing", 503],
  ["denied", 403],
  ["quota", 507],
] as const)("%s: the proxy answers %i itself, also to who waits for a 100", async ([fault, status]) => {
  const proxy = await startProxy();
  await proxy.faults.begin(fault);
  expect(await put(proxy, "/a", content)).toMatchObject({ status, body: Buffer.alloc(0) });
  expect(await send(`${proxy.url}/a`, { method: "HEAD" })).toMatchObject({ status });
  const headers = { Expect: "100-continue", "Content-Length": "5" };
  expect(await send(`${proxy.url}/a`, { method: "PUT", headers })).toMatchObject({ status });
  expect(seen).toEqual([]);
});

test("what a service says when it fails is the author's, by method if that matters", async () => {
  const proxy = await startProxy({
    quota: ({ method, path }) => ({
      status: 400,
      headers: { "content-type": "application/xml" },
      body: `<Code>${method} ${path}</Code>`,
    }),
  });
  await proxy.faults.begin("quota");
  const answer = await put(proxy, "/a?b", content);
  expect([answer.status, answer.body.toString()]).toEqual([400, "<Code>PUT /a?b</Code>"]);
  expect(answer.rawHeaders.join("\n")).toContain("content-type\napplication/xml");
});

test("silent: the request is taken whole, never answered, and stays so after the end", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("silent");
  const controller = new AbortController();
  let settled = false;
  const sending = send(`${proxy.url}/a`, { method: "PUT", body: content, signal: controller.signal });
  const ending = sending
    .catch((error: unknown) => error)
    .finally(() => {
      settled = true;
    });
  await expect.poll(() => proxy.requests(), { timeout: HANG_MS / 2 }).toBe(1);
  await proxy.faults.end();
  expect((await put(proxy, "/b", content)).status).toBe(201);
  expect([settled, contents.has("/a")]).toEqual([false, false]);
  controller.abort();
  expect(await ending).toMatchObject({ name: "AbortError" });
});

test("silent: who waits for a 100 gets it, so that the whole request is taken", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("silent");
  const headers = { Expect: "100-continue", "Content-Length": "3" };
  const request = sendRequest(proxy.url, { method: "PUT", headers, agent: false });
  request.on("error", () => undefined); // It is given up below.
  await once(request, "continue");
  request.destroy();
  expect(seen).toEqual([]);
});

test("dripping: a read begins with its own bytes, and never ends", async () => {
  const proxy = await startProxy();
  await put(proxy, "/a", content.subarray(0, 5));
  await proxy.faults.begin("dripping");
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    sendRequest(`${proxy.url}/a`, { agent: false }).on("response", resolve).on("error", reject).end();
  });
  expect([reply.statusCode, reply.headers["content-length"]]).toEqual([200, undefined]);
  const chunks: Buffer[] = [];
  for await (const chunk of reply) {
    chunks.push(chunk);
    if (Buffer.concat(chunks).length > 7) break;
  }
  expect(chunks.every(({ length }) => length < 5)).toBe(true);
  expect(Buffer.concat(chunks).subarray(0, 5).equals(content.subarray(0, 5))).toBe(true);
});

test("dripping: a read by another method than GET drips in its body too, if the author says that it reads", async () => {
  const reads = ({ method }: { readonly method: string }): boolean => method === "POST";
  const proxy = await startFaultProxy({ target, reads });
  proxies.push(proxy);
  contents.set("/a", content);
  await proxy.faults.begin("dripping");
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = { method: "POST", agent: false };
    sendRequest(`${proxy.url}/a`, request).on("response", resolve).on("error", reject).end();
  });
  expect(reply.statusCode).toBe(201);
  let dripped = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    dripped += chunk.length;
    if (dripped > 7) break;
  }
  expect(dripped).toBeGreaterThan(7);
});

test("dripping: the answer to a write has headers without end, and the write is carried out", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("dripping");
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  socket.write("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  let text = "";
  for await (const chunk of socket) {
    text += chunk;
    if (/x-more: \.{3}/.test(text)) break;
  }
  expect(text).toMatch(/^HTTP\/1\.1 201 Created\r\nx-more: \.+$/);
  expect(contents.get("/a")?.toString()).toBe("abc");
});

test.for([
  ["corrupt", (whole: Buffer) => whole.map((byte, i) => (i === whole.length >> 1 ? byte ^ 1 : byte))],
  ["truncated", (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
  ["extended", (whole: Buffer) => Buffer.concat([whole, Buffer.alloc(1000, ".")])],
] as const)("%s: a read that succeeds has other bytes, and looks whole", async ([fault, changed]) => {
  const proxy = await startProxy();
  await proxy.faults.begin(fault);
  expect((await put(proxy, "/a", content)).status).toBe(201);
  const expected = Buffer.from(changed(content));
  const answer = await send(`${proxy.url}/a`);
  expect(answer.body.equals(expected)).toBe(true);
  expect(answer.rawHeaders.join("\n")).toContain(`\nContent-Length\n${expected.length}\n`);
  expect((await send(`${proxy.url}/none`)).body.toString()).toBe("no such thing");
  expect((await send(`${proxy.url}/unchanged`)).status).toBe(304);
  expect(contents.get("/a")?.equals(content)).toBe(true);
});

test("the author says what reads, if it isn't GET", async () => {
  const proxy = await startFaultProxy({ target, reads: ({ path }) => path.startsWith("/read") });
  proxies.push(proxy);
  contents.set("/read", content).set("/other", content);
  await proxy.faults.begin("truncated");
  expect((await send(`${proxy.url}/read`)).body.length).toBe(50_000);
  expect((await send(`${proxy.url}/other`)).body.length).toBe(100_000);
});

test("after the end of every fault requests are carried out again, on connections that were kept too", async () => {
  const proxy = await startProxy();
  for (const fault of proxy.faults.kinds) {
    await proxy.faults.begin(fault);
    await fetch(`${proxy.url}/a`, { method: "PUT", body: content, signal: AbortSignal.timeout(50) })
      .then((reply) => reply.arrayBuffer())
      .catch(() => undefined);
    await proxy.faults.end();
    const reply = await fetch(`${proxy.url}/a`, { method: "PUT", body: content });
    expect([fault, reply.status]).toEqual([fault, 201]);
    expect(Buffer.from(await (await fetch(`${proxy.url}/a`)).arrayBuffer()).equals(content)).toBe(true);
  }
});

test("a proxy fails for its own clients alone", async () => {
  const [one, other] = [await startProxy(), await startProxy()];
  await one.faults.begin("denied");
  expect((await put(one, "/a", content)).status).toBe(403);
  expect((await put(other, "/a", content)).status).toBe(201);
});

test("a server that is gone, or goes away in the middle, is a cut connection", async () => {
  const proxy = await startProxy();
  const halves = createServer((_request, response) => {
    response.writeHead(200, { "content-length": 100 }).write("half");
    setImmediate(() => response.destroy());
  });
  const half = await startFaultProxy({ target: await listen(halves) });
  proxies.push(half);
  await expect(send(half.url)).rejects.toMatchObject({ code: "ECONNRESET" });
  await new Promise((resolve) => halves.close(resolve));
  await expect(send(half.url)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect((await put(proxy, "/a", content)).status).toBe(201);
});

test("stop ends silent and dripping answers, and the port is free", async () => {
  const proxy = await startProxy();
  await proxy.faults.begin("silent");
  const silent = put(proxy, "/a", content).catch(codeOf);
  await expect.poll(() => proxy.requests(), { timeout: HANG_MS / 2 }).toBe(1);
  await proxy.faults.begin("dripping");
  const dripping = send(`${proxy.url}/a`).catch(codeOf);
  await expect.poll(() => seen.length, { timeout: HANG_MS / 2 }).toBe(1);
  await Promise.all([proxy.stop(), proxy.stop()]);
  expect(await Promise.all([silent, dripping])).toEqual(["ECONNRESET", "ECONNRESET"]);
  await expect(send(proxy.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("the signal of the fixture stops it", async () => {
  const controller = new AbortController();
  const proxy = await startFaultProxy({ target, signal: controller.signal });
  expect((await put(proxy, "/a", content)).status).toBe(201);
  controller.abort();
  await expect(send(proxy.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a target that is not http is refused", async () => {
  await expect(startFaultProxy({ target: "https://127.0.0.1" })).rejects.toThrow(TypeError);
});
