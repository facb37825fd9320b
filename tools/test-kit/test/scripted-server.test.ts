import { Buffer } from "node:buffer";
import {
  answer,
  begun,
  bytes,
  closedUrl,
  cut,
  drip,
  endless,
  failure,
  NEVER,
  redirect,
  startScriptedServer,
  until,
} from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const text = (status: number, body: string) => answer(status, "text/plain", body);

test("a fixed answer is given to every request, and each request is recorded", async () => {
  const server = await scriptedServer(text(418, "short and stout"));
  const response = await fetch(`${server.url}/tea?cups=2`, { method: "POST", body: "water" });
  expect([response.status, response.headers.get("content-type")]).toEqual([418, "text/plain"]);
  expect(await response.text()).toBe("short and stout");
  const [request] = server.requests;
  expect(request).toMatchObject({ method: "POST", url: "/tea?cups=2", path: "/tea" });
  expect(request!.query.get("cups")).toBe("2");
});

test("a function answers by the request, its body included, until another script takes its place", async () => {
  const server = await scriptedServer(async (request) =>
    request.method === "PUT" ? { status: 201, body: await request.body() } : text(404, "none"),
  );
  const put = await fetch(`${server.url}/a`, { method: "PUT", body: "hello" });
  expect([put.status, await put.text()]).toEqual([201, "hello"]);
  expect((await fetch(`${server.url}/a`)).status).toBe(404);
  server.become(text(200, "changed"));
  expect(await (await fetch(`${server.url}/a`)).text()).toBe("changed");
  expect(server.sentBytes()).toBe("hello".length + "none".length + "changed".length);
});

test("without a script everything is passed on untouched, and a script can change the answer of the target", async () => {
  const target = await scriptedServer(async (request) => {
    const body = Buffer.from(await request.body()).toString();
    return { status: 202, headers: { "x-kind": ["a", "b"] }, body: `${request.method} ${body}` };
  });
  const proxy = await scriptedServer(undefined, { target: target.url });
  const relayed = await fetch(`${proxy.url}/x`, { method: "PUT", body: "1" });
  expect([relayed.status, relayed.headers.get("x-kind"), await relayed.text()]).toEqual([
    202,
    "a, b",
    "PUT 1",
  ]);
  proxy.become(async ({ path }, forward) => {
    if (path !== "/changed") return undefined;
    const reply = await forward();
    return { ...reply, body: Buffer.from(reply.body).toString().toLowerCase() };
  });
  expect(await (await fetch(`${proxy.url}/changed`, { method: "PUT", body: "A" })).text()).toBe("put a");
  expect(await (await fetch(`${proxy.url}/else`, { method: "PUT", body: "A" })).text()).toBe("PUT A");
  expect(target.requests.map(({ path }) => path)).toEqual(["/x", "/changed", "/else"]);
});

test("a request that a script answers by itself does not reach the target", async () => {
  const target = await scriptedServer(text(200, ""));
  const proxy = await scriptedServer(text(503, "busy"), { target: target.url });
  expect((await fetch(proxy.url)).status).toBe(503);
  expect(target.requests).toEqual([]);
});

test("an answer that never comes is held until the client leaves, which its request sees", async () => {
  const server = await scriptedServer(NEVER);
  const controller = new AbortController();
  const asking = fetch(server.url, { signal: controller.signal });
  await until(() => server.active.now === 1);
  const [request] = server.requests;
  expect(request!.signal.aborted).toBe(false);
  controller.abort();
  expect((await failure(asking)).name).toBe("AbortError");
  await until(() => request!.signal.aborted);
  await until(() => server.active.now === 0);
});

test("an answer that only begins shows its status, and no end", async () => {
  const server = await scriptedServer(begun("text/plain", "half"));
  const controller = new AbortController();
  const response = await fetch(server.url, { signal: controller.signal });
  const reader = response.body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe("half");
  const more = reader.read();
  controller.abort();
  expect((await failure(more)).name).toBe("AbortError");
});

test.for([
  ["before the answer", cut()],
  ["within the body", cut(text(200, "half"))],
] as const)("a connection that is cut %s fails at the client", async ([_where, reply]) => {
  const server = await scriptedServer(reply);
  await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow(TypeError);
});

test("what comes before a cut arrives", async () => {
  const server = await scriptedServer(cut(text(418, "half")));
  const response = await fetch(server.url);
  expect(response.status).toBe(418);
  const reader = response.body!.getReader();
  expect(await reader.read()).toMatchObject({ value: bytes("half") });
  await expect(reader.read()).rejects.toThrow(TypeError);
  server.become(cut({ status: 418, headers: { "content-length": 4 } }));
  const begun = await fetch(server.url);
  expect(begun.status).toBe(418);
  await expect(begun.text()).rejects.toThrow(TypeError);
});

test.each([
  ["without end", endless("text/plain")],
  ["that drips", drip("text/plain", new Uint8Array(200_000), { size: 50_000, milliseconds: 1 })],
])("a body %s is sent anew to every request", async (_which, reply) => {
  const server = await scriptedServer(reply);
  for (let asked = 0; asked < 2; asked++) {
    const reader = (await fetch(server.url)).body!.getReader();
    let read = 0;
    while (read < 100_000) read += (await reader.read()).value?.length ?? Number.NaN;
    expect(read).toBeGreaterThanOrEqual(100_000);
    await reader.cancel();
  }
});

test("a body without end is sent only as fast as it is read", async () => {
  const server = await scriptedServer(endless("text/plain"));
  const controller = new AbortController();
  const response = await fetch(server.url, { signal: controller.signal });
  const reader = response.body!.getReader();
  let read = 0;
  while (read < 100_000) read += (await reader.read()).value!.length;
  controller.abort();
  await until(() => server.active.now === 0);
  expect(server.sentBytes()).toBeLessThan(20_000_000);
});

test("a dripping body arrives whole", async () => {
  const server = await scriptedServer(
    drip("text/plain", bytes("drop by drop"), { size: 5, milliseconds: 1 }),
  );
  expect(await (await fetch(server.url)).text()).toBe("drop by drop");
});

test("a redirect leads to its target", async () => {
  const target = await scriptedServer(text(200, "here"));
  const server = await scriptedServer(redirect(302, target.url));
  expect(await (await fetch(server.url)).text()).toBe("here");
});

test("requests and connections that are open at the same time are counted", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await scriptedServer(async () => {
    await released;
    return text(200, "");
  });
  const asked = Array.from({ length: 3 }, () => fetch(server.url));
  await until(() => server.active.now === 3);
  release();
  await Promise.all(asked);
  expect([server.active.most, server.active.total, server.connections.most]).toEqual([3, 3, 3]);
});

test("stop ends what is held, and rejects with what a script threw", async () => {
  const server = await startScriptedServer(({ path }) => {
    if (path === "/held") return NEVER;
    throw new Error("a script that is wrong");
  });
  const held = failure(fetch(`${server.url}/held`));
  await until(() => server.active.now === 1);
  await expect(fetch(`${server.url}/wrong`)).rejects.toThrow(TypeError);
  await expect(server.stop()).rejects.toThrow("a script that is wrong");
  expect(await held).toBeInstanceOf(TypeError);
  await expect(fetch(server.url)).rejects.toThrow(TypeError);
});

test("a request that neither a script nor a target answers is an error of the test", async () => {
  const server = await startScriptedServer();
  await expect(fetch(`${server.url}/lost`)).rejects.toThrow(TypeError);
  await expect(server.stop()).rejects.toThrow("No script answers GET /lost");
});

test("at a closed URL nobody listens", async () => {
  const error = await failure(fetch(await closedUrl()));
  expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
});
