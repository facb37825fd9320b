// Test set: mixed
import { Bee, type BeeRequest } from "@ethersphere/bee-js";
import { deriveKeys, generateSeed } from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { type BeeNode, swarmRemote, swarmStorage } from "@remote-log/swarm";
import { failure, randomBytes, strictTypeErrors } from "@remote-log/test-kit";
import { afterAll, describe, expect, test, vi } from "vitest";
import { honest, startNodeProxy } from "../node-proxy.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const { skip } = await serverOrSkip("bee");

const program = `
import { Bee, type BeeRequest } from "@ethersphere/bee-js";
import { type BeeClient, type BeeNode, swarmRemote, swarmStorage } from "@remote-log/swarm";

type IsAny<T> = 0 extends 1 & T ? true : false;
export const known: IsAny<Bee> = false;
const bee = new Bee("http://127.0.0.1:1633");
export const client: BeeClient = bee;
export const nodes: BeeNode[] = ["http://127.0.0.1:1633", bee, { url: "http://127.0.0.1:1633" }];
export const remote = swarmRemote({ bee, owner: "ab".repeat(20) });
export const storage = swarmStorage({ bee });
// @ts-expect-error -- a client that does not say where its node is
export const half: BeeClient = { uploadChunk: bee.uploadChunk };
// @ts-expect-error -- a client whose uploads give no address
export const mute: BeeClient = { url: "", uploadChunk: async () => ({}) };
`;

test("the Bee of bee-js is, under strict types, what the adapter asks for", async () => {
  expect(await strictTypeErrors("packages/swarm", program)).toBe("");
});

describe.skipIf(skip)("at run time", async () => {
  if (skip) return;
  const server = await startBee();
  afterAll(() => server.stop());
  const stamp = await server.buyBatch();
  const proxy = await startNodeProxy(server.url);

  /** What goes over the wire while a content and a name are written and read again. */
  async function traffic(bee: BeeNode, headers: Readonly<Record<string, string>>) {
    proxy.asked.length = 0;
    const nameKey = deriveKeys(generateSeed()).swarm;
    const { storage, names } = swarmRemote({ bee, headers, stamp, nameKey });
    const address = await storage.put(text("content"));
    expect(await storage.get(address)).toEqual(text("content"));
    await names.update("a name", text("head"), { expected: null });
    expect(await names.resolve("a name")).toMatchObject({ status: "found", content: text("head") });
    await Promise.all([storage.close?.(), names.close?.()]);
    return [...proxy.asked];
  }

  test("a Bee serves as its URL does, with a slash at its end or without", async () => {
    for (const url of [proxy.url, `${proxy.url}/`]) {
      const paths = (await traffic(new Bee(url), {})).map(({ path }) => path.split("/")[1]);
      expect(new Set(paths)).toEqual(new Set(["stamps", "chunks", "soc"]));
    }
  });

  test("the headers given are sent with every request, whether the node is a Bee or a URL", async () => {
    const headers = { Authorization: "Bearer of-the-node", "X-Tenant": "one" };
    for (const bee of [new Bee(proxy.url), proxy.url]) {
      const requests = await traffic(bee, headers);
      expect(requests.length).toBeGreaterThan(5);
      for (const asked of requests) {
        expect(asked.headers).toMatchObject({ authorization: "Bearer of-the-node", "x-tenant": "one" });
      }
    }
  });

  test("every request has the headers of the Bee, and is told to its onRequest", async () => {
    const told: BeeRequest[] = [];
    const headers = { Authorization: "Bearer of-the-client", "x-of-the-client": "one" };
    const bee = new Bee(proxy.url, { headers, onRequest: (request) => told.push(request) });
    const requests = await traffic(bee, {});
    expect(requests.length).toBeGreaterThan(5);
    for (const asked of requests) {
      expect(asked.headers).toMatchObject({
        authorization: "Bearer of-the-client",
        "x-of-the-client": "one",
      });
    }
    expect(told.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(
      requests.map(({ method, path }) => `${method} ${path}`),
    );
    for (const { headers: sent, params } of told) {
      expect(Object.keys(sent ?? {}).map((name) => name.toLowerCase())).toContain("authorization");
      expect(params === undefined || "sig" in params).toBe(true);
    }
  });

  test("headers that are given beside a Bee come before its own, and none is sent twice", async () => {
    const bee = new Bee(proxy.url, { headers: { Authorization: "Bearer old", "X-Tenant": "two" } });
    for (const { headers } of await traffic(bee, { authorization: "Bearer new" })) {
      expect(headers).toMatchObject({ authorization: "Bearer new", "x-tenant": "two" });
    }
  });

  test("a token that the application replaces among the headers of its Bee is used from then on", async () => {
    const headers = { authorization: "Bearer first" };
    const bee = new Bee(proxy.url, { headers });
    await traffic(bee, {});
    headers.authorization = "Bearer second";
    for (const asked of await traffic(bee, {})) expect(asked.headers.authorization).toBe("Bearer second");
  });

  test("chunks of contents are uploaded by the Bee itself, unless a fetch is given", async () => {
    const bee = new Bee(proxy.url);
    const uploading = vi.spyOn(bee, "uploadChunk");
    await traffic(bee, {});
    expect(uploading).toHaveBeenCalledOnce();
    const storage = swarmStorage({ bee, stamp, fetch: (at, init) => fetch(at, init) });
    await storage.put(text("by the given fetch"));
    await storage.close();
    expect(uploading).toHaveBeenCalledOnce();
  });

  test.each(["direct", "deferred"] as const)(
    "a %s tree that a Bee uploads is read by its URL",
    async (upload) => {
      const bee = new Bee(proxy.url);
      const content = randomBytes(5 * 4096);
      const writing = swarmStorage({ bee, stamp, upload });
      const reading = swarmStorage({ bee: proxy.url });
      expect(await reading.get(await writing.put(content))).toEqual(content);
      const uploads = proxy.asked.filter(({ method, path }) => method === "POST" && path === "/chunks");
      expect(
        uploads.slice(-6).every(({ headers }) => "swarm-tag" in headers === (upload === "deferred")),
      ).toBe(true);
      await Promise.all([writing.close(), reading.close()]);
    },
  );

  const meanings: readonly (readonly [number, string, string])[] = [
    [401, "ERR_DENIED", "never"],
    [405, "ERR_UNSUPPORTED", "never"],
    [413, "ERR_TOO_LARGE", "never"],
    [429, "ERR_UNREACHABLE", "safe"],
    [500, "ERR_UNREACHABLE", "safe"],
    [504, "ERR_TIMEOUT", "safe"],
    [507, "ERR_QUOTA", "never"],
  ];

  test.each(meanings)(
    "an upload by a Bee that is answered with %i is told as %s",
    async (status, code, retry) => {
      const token = "correct-horse-battery-staple";
      const bee = new Bee(proxy.url, { headers: { authorization: `Bearer ${token}` } });
      const storage = swarmStorage({ bee, stamp });
      proxy.become(({ path }, passOn) =>
        path === "/chunks" ? { status, body: `{"message":"because of ${token}"}` } : passOn(),
      );
      const error = await failure(storage.put(text("refused")));
      proxy.become(honest);
      expect(error).toMatchObject({ code, retry });
      expect(error.message).toContain("because of …");
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(token);
      await storage.close();
    },
  );

  test("what is no answer of a node, and another address, are refused from a Bee, too", async () => {
    const storage = swarmStorage({ bee: new Bee(proxy.url), stamp });
    const answers: readonly (readonly [string, string])[] = [
      ["{}", "ERR_UNREACHABLE"],
      ["<html>", "ERR_UNREACHABLE"],
      [`{"reference":"${"ab".repeat(32)}"}`, "ERR_INTEGRITY"],
    ];
    for (const [body, code] of answers) {
      proxy.become(({ path }, passOn) => (path === "/chunks" ? { status: 201, body } : passOn()));
      expect(await failure(storage.put(text("swapped")))).toMatchObject({ code });
    }
    proxy.become(honest);
    await storage.close();
  });

  test("a full batch, and one that nobody knows, are told by their reasons from a Bee, too", async () => {
    const known = swarmStorage({ bee: new Bee(proxy.url), stamp });
    proxy.become(({ path }, passOn) =>
      path === "/chunks" ? { status: 402, body: '{"message":"batch is overissued"}' } : passOn(),
    );
    expect(await failure(known.put(text("too many")))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-full",
    });
    proxy.become(honest);
    const unknown = swarmStorage({ bee: new Bee(proxy.url), stamp: "ab".repeat(32) });
    expect(await failure(unknown.put(text("unpaid")))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-unknown",
    });
    await Promise.all([known.close(), unknown.close()]);
  });

  test("an upload by a Bee ends with the signal, and when the network does not take it in time", async () => {
    const storage = swarmStorage({ bee: new Bee(proxy.url), stamp, uploadMilliseconds: 200 });
    await storage.put(text("the batch is known"));
    proxy.become(({ path }, passOn) => (path === "/chunks" ? new Promise(() => undefined) : passOn()));
    const late = await failure(storage.put(text("late")));
    expect(late).toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringMatching(/did not take a chunk/),
    });
    const controller = new AbortController();
    const reason = new Error("gave up");
    const asked = proxy.asked.length;
    const putting = failure(storage.put(text("given up"), { signal: controller.signal }));
    await expect.poll(() => proxy.asked.length).toBeGreaterThan(asked);
    controller.abort(reason);
    expect(await putting).toBe(reason);
    proxy.become(honest);
    await storage.close();
  });

  test("what the Bee writes and what the adapter writes is one thing", async () => {
    const bee = new Bee(server.url);
    const { storage } = swarmRemote({ bee, stamp, nameKey: deriveKeys(generateSeed()).swarm });
    const content = text("either wrote this");
    const { reference } = await bee.uploadChunk(stamp, bee.makeContentAddressedChunk(content));
    const address = await storage.put(content);
    expect(Buffer.from(address.digest).toString("hex")).toBe(reference.toHex());
    expect(await storage.get(address)).toEqual(content);
  });
});
