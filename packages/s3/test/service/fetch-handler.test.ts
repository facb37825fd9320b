// The SDK with a `fetch` in the place of its own connections: against our own server, which signs each request again and compares.

import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { addressOf, rawSha256 } from "@remote-log/core";
import { fetchRequestHandler, s3Remote } from "@remote-log/s3";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "../clients.ts";

const server = await ownServer();
const asked: { url: string; init: RequestInit }[] = [];
const fetch = (url: string, init: RequestInit): Promise<Response> => {
  asked.push({ url, init });
  return globalThis.fetch(url, init);
};

function remote(prefix = newPrefix()) {
  const { client } = clientFor(server, { requestHandler: fetchRequestHandler(fetch) });
  return s3Remote({ client, bucket: BUCKET, prefix });
}

test("contents are stored, found, read, listed and removed", async () => {
  const { storage } = remote("with space & (others)!*'");
  for (const content of [bytes("hello"), new Uint8Array(0), randomBytes(20_000)]) {
    const address = await storage.put(content);
    expect([await storage.has(address), await storage.get(address)]).toEqual([true, content]);
  }
  const found: string[] = [];
  for await (const address of storage.list!()) found.push(`${address}`);
  expect(found).toHaveLength(3);
  const gone = await addressOf(bytes("hello"), rawSha256);
  await storage.delete!(gone);
  expect(await storage.has(gone)).toBe(false);
  expect(await failure(storage.get(gone))).toMatchObject({ code: "ERR_NOT_FOUND" });
  await expect(storage.get(gone, { maxBytes: 1 })).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("names are set by compare-and-set, and polled", async () => {
  const { names } = remote();
  const revision = await names.update("log", bytes("one"), { expected: null });
  const next = await names.update("log", bytes("two"), { expected: revision });
  expect(await failure(names.update("log", bytes("x"), { expected: revision }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
  });
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("two"), revision: next });
  expect(await names.resolve("log", { known: next })).toEqual({ status: "unchanged", revision: next });
});

/** What is sent for a request of the SDK: the URL, the headers and the body. */
async function sentFor(more: object) {
  const sent: { url: string; init: RequestInit }[] = [];
  const handler = fetchRequestHandler(async (url, init) => {
    sent.push({ url, init });
    return new Response(null, { status: 204, statusText: "No Content", headers: { "x-a": "b" } });
  }) as { handle(request: object): Promise<{ response: { body: unknown } }> };
  const request = { method: "PUT", protocol: "https:", hostname: "s3.invalid", path: "/b/k", headers: {} };
  const { response } = await handler.handle({ ...request, ...more });
  return { ...sent[0]!, response };
}

test("the URL is the one that was signed, with each parameter as it is", async () => {
  expect((await sentFor({})).url).toBe("https://s3.invalid/b/k");
  const query = { uploads: "", versions: null, prefix: "a b(c)", tag: ["x", "y&z"] };
  const { url } = await sentFor({ port: 9000, query });
  expect(url).toBe("https://s3.invalid:9000/b/k?uploads=&versions=&prefix=a%20b%28c%29&tag=x&tag=y%26z");
});

test("headers of the connection are left to fetch, whatever their case, and all others are sent", async () => {
  const ofConnection = ["Host", "content-length", "Connection", "expect", "Transfer-Encoding"];
  const headers = { authorization: "signed", ...Object.fromEntries(ofConnection.map((name) => [name, "1"])) };
  const { init } = await sentFor({ headers });
  expect(init.headers).toEqual({ "accept-encoding": "identity", authorization: "signed" });
});

test("bytes are sent as they are, and neither GET nor HEAD has any", async () => {
  expect((await sentFor({ body: bytes("hello") })).init.body).toEqual(bytes("hello"));
  expect((await sentFor({ method: "DELETE" })).init.body ?? null).toBeNull();
  for (const method of ["GET", "HEAD"])
    expect((await sentFor({ method, body: bytes("") })).init).not.toHaveProperty("body");
});

test("an answer without a body is read as an empty one", async () => {
  const { response } = await sentFor({});
  expect(response).toMatchObject({ statusCode: 204, reason: "No Content", headers: { "x-a": "b" } });
  expect(await new Response(response.body as ReadableStream).text()).toBe("");
  expect(response.body).toBeInstanceOf(ReadableStream);
});

test("no redirect is followed, nothing is asked for compressed, and a signal ends a request", async () => {
  const { storage } = remote();
  await storage.has(await addressOf(bytes("x"), rawSha256));
  const { init } = asked.at(-1)!;
  expect(init).toMatchObject({ redirect: "manual", credentials: "omit", cache: "no-store" });
  expect(new Headers(init.headers).get("accept-encoding")).toBe("identity");
  // Browsers refuse to set these, and set them themselves.
  await storage.put(randomBytes(10));
  for (const { init } of asked.slice(-3))
    for (const name of Object.keys(init.headers!))
      expect(name.toLowerCase()).not.toMatch(/^(host|content-length|connection|expect|transfer-encoding)$/);
  const client = new S3Client({
    ...{ endpoint: server.endpoint, region: server.region, credentials: server.credentials },
    requestHandler: fetchRequestHandler((_, { signal }) => {
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
      });
    }),
  });
  const sending = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "x" }), {
    abortSignal: AbortSignal.timeout(20),
  });
  expect(await failure(sending)).toMatchObject({ name: "AbortError" });
});
