import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { addressOf, generateSeed, openReader, openWriter, rawSha256 } from "@remote-log/core";
import { s3Remote } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { bytes, cut, endless, failure, NEVER, type Reply, redirect } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { clientFor, newPrefix, ownServer } from "../clients.ts";

const OPEN = "open-to-all";
const CLOSED_LIST = "no-listing";
const server = await ownServer({ publicRead: [OPEN, CLOSED_LIST], publicList: [OPEN], buckets: ["private"] });
const { client } = clientFor(server);

function place(bucket = OPEN) {
  const prefix = newPrefix();
  const url = `${server.endpoint}/${bucket}/${prefix}`;
  return { prefix, url, own: s3Remote({ client, bucket, prefix }), remote: publicS3Remote({ url }) };
}

/** An answer that says how long it is. */
function withLength(body: string): Reply {
  return { headers: { "content-length": body.length }, body };
}

test("what was written with the SDK is read without it", async () => {
  const { own, remote } = place();
  for (const content of [bytes("hello"), new Uint8Array(0), new Uint8Array(300_000).fill(7)]) {
    const address = await own.storage.put(content);
    expect(await remote.storage.has(address)).toBe(true);
    const read = await remote.storage.get(address);
    // Not by toEqual, which takes seconds for this many bytes.
    expect([read.constructor, Buffer.compare(read, content)]).toEqual([Uint8Array, 0]);
  }
  const revision = await own.names.update("log 🪵", bytes("one"), { expected: null });
  expect(await remote.names.resolve("log 🪵")).toEqual({ status: "found", content: bytes("one"), revision });
});

test("where replies have no stream of their body, as on React Native, the same is read", async () => {
  const { own, url } = place();
  const content = new Uint8Array(300_000).fill(7);
  const address = await own.storage.put(content);
  const revision = await own.names.update("log", bytes("one"), { expected: null });
  const fetchWhole = async (at: string, init: RequestInit): Promise<Response> => {
    const reply = await fetch(at, init);
    const { status, type, headers } = reply;
    return { status, type, headers, arrayBuffer: () => reply.arrayBuffer() } as Response;
  };
  const { storage, names } = publicS3Remote({ url, fetch: fetchWhole });
  expect(Buffer.compare(await storage.get(address), content)).toBe(0);
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("one"), revision });
  expect(await failure(storage.get(address, { maxBytes: 1000 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  const absent = await addressOf(bytes("absent"), rawSha256);
  expect(await failure(storage.get(absent))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await storage.has(absent)).toBe(false);
});

test("a whole log is followed by a reader over plain HTTP", async () => {
  const { own, remote } = place();
  await using writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [own],
    settings: { visibility: "public" },
    publish: "manual",
  });
  for (let i = 0; i < 40; i++) await writer.append(bytes(`entry ${i}`));
  await writer.publish();
  await using reader = await openReader({ logId: writer.logId, remotes: [remote] });
  const seen: string[] = [];
  for await (const entry of reader.from(0)) seen.push(new TextDecoder().decode(entry.content));
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => `entry ${i}`));
});

test("resolving while nothing changed costs one request and no body", async () => {
  const { own, remote, prefix } = place();
  const known = await own.names.update("log", bytes("one"), { expected: null });
  server.requests.clear();
  expect(await remote.names.resolve("log", { known })).toEqual({ status: "unchanged", revision: known });
  const requests = server.requests.list().filter(({ key }) => key.startsWith(prefix));
  expect(requests).toMatchObject([{ operation: "GetObject", status: 304, bytesOut: 0 }]);
  const next = await own.names.update("log", bytes("two"), { expected: known });
  expect(await remote.names.resolve("log", { known })).toMatchObject({
    content: bytes("two"),
    revision: next,
  });
});

test("put and update are refused before any request", async () => {
  const { remote } = place();
  server.requests.clear();
  const refused = { code: "ERR_UNSUPPORTED", reason: "read-only" };
  expect(await failure(remote.storage.put(bytes("x")))).toMatchObject(refused);
  expect(await failure(remote.storage.put(new Uint8Array(64 * 1024 * 1024 + 1)))).toMatchObject(refused);
  const updating = remote.names.update("log", bytes("x"), { expected: null });
  expect(await failure(updating)).toMatchObject({ code: "ERR_UNSUPPORTED", operation: "names.update" });
  expect(server.requests.count()).toBe(0);
});

test("what is missing is absent where the bucket may be listed, and a refusal that says so where it may not", async () => {
  const address = await addressOf(bytes("never"), rawSha256);
  const open = place();
  expect(await open.remote.storage.has(address)).toBe(false);
  expect(await failure(open.remote.storage.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await open.remote.names.resolve("log")).toEqual({ status: "absent" });
  const { remote } = place(CLOSED_LIST);
  for (const doing of [
    () => remote.storage.has(address),
    () => remote.storage.get(address),
    () => remote.names.resolve("log"),
  ]) {
    const error = await failure(doing());
    expect(error).toMatchObject({ code: "ERR_DENIED" });
    expect(error.message).toContain("s3:ListBucket");
  }
});

test.each([
  "<?xml version='1.0'?><Error><Code>NoSuchBucket</Code><Message>No.</Message></Error>",
  "<html><h1>404 Not Found</h1><ul><li>Code: NoSuchBucket</li><li>Message: No.</li></ul></html>",
  "<html><h1>404 Not Found</h1><ul><li>Code: NoSuchWebsiteConfiguration</li></ul></html>",
])("a missing bucket is no absence: %s", async (body) => {
  const remote = publicS3Remote({ url: (await scriptedServer({ status: 404, body })).url });
  const address = await addressOf(bytes("never"), rawSha256);
  expect(await failure(remote.names.resolve("log"))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(await failure(remote.storage.has(address))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test.each([
  [301, "never"],
  [302, "safe"],
  [307, "safe"],
  [308, "never"],
] as const)("a redirect (%d) is not followed", async (status, retry) => {
  const target = await scriptedServer({ body: "elsewhere" });
  const { url } = await scriptedServer(redirect(status, target.url));
  const remote = publicS3Remote({ url });
  const address = await addressOf(bytes("elsewhere"), rawSha256);
  expect(await failure(remote.storage.get(address))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "redirect",
    retry,
  });
  expect(await failure(remote.names.resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(target.requests).toEqual([]);
});

test("a CDN that weakens and compresses is asked for neither, and its weak ETag is taken", async () => {
  const { url, requests } = await scriptedServer(({ headers }) =>
    headers["if-none-match"]?.includes('"abc"')
      ? { status: 304 }
      : { headers: { etag: 'W/"abc"', "content-encoding": "gzip" }, body: gzipSync("a head") },
  );
  const remote = publicS3Remote({ url });
  const found = await remote.names.resolve("log", { maxBytes: 6 });
  expect(found).toEqual({ status: "found", content: bytes("a head"), revision: '"abc"' });
  expect(await remote.names.resolve("log", { known: '"abc"' })).toEqual({
    status: "unchanged",
    revision: '"abc"',
  });
  expect(new Set(requests.map(({ headers }) => headers["accept-encoding"]))).toEqual(new Set(["identity"]));
});

test("a server without ETags is read, too: the revision is the hash of the content", async () => {
  const server = await scriptedServer(withLength("one"));
  const { names } = publicS3Remote({ url: server.url });
  const found = await names.resolve("log");
  const revision = `sha256:${createHash("sha256").update("one").digest("hex")}`;
  expect(found).toEqual({ status: "found", content: bytes("one"), revision });
  expect(await names.resolve("log", { known: revision })).toEqual({ status: "unchanged", revision });
  server.become(withLength("two"));
  expect(await names.resolve("log", { known: revision })).toMatchObject({ content: bytes("two") });
});

test("a server that always sends everything, whatever the range and the condition, is read, too", async () => {
  const { url } = await scriptedServer({ headers: { etag: '"abc"' }, body: "hello" });
  const { names, storage } = publicS3Remote({ url });
  expect(await storage.has(await addressOf(bytes("hello"), rawSha256))).toBe(true);
  expect(await names.resolve("log", { known: '"abc"' })).toEqual({ status: "unchanged", revision: '"abc"' });
});

test("changed, cut and endless bytes are no content", async () => {
  const address = await addressOf(bytes("hello"), rawSha256);
  const read = async (reply: Reply, maxBytes = 1000) =>
    failure(publicS3Remote({ url: (await scriptedServer(reply)).url }).storage.get(address, { maxBytes }));
  expect(await read(withLength("jelly"))).toMatchObject({ code: "ERR_INTEGRITY" });
  const half = cut({ headers: { "content-length": "5" }, body: "hel" });
  expect(await read(half)).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  const declared: Reply = { headers: { "content-length": "1001" }, ending: "hold" };
  expect(await read(declared)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 1000 });
  expect(await read(endless("text/plain"))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 1000 });
});

test("bytes that unpack to more than the limit are not unpacked to their end", async () => {
  const packed = gzipSync(new Uint8Array(50_000_000));
  const headers = { "content-encoding": "gzip", "content-length": packed.length };
  const { url } = await scriptedServer({ headers, body: packed });
  const reading = publicS3Remote({ url }).names.resolve("log");
  expect(await failure(reading)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 1024 * 1024 });
});

test("wrong bytes may be an old mistake of a cache: they are asked for once more, past it", async () => {
  const server = await scriptedServer(() => withLength(server.requests.length === 1 ? "jelly" : "hello"));
  const { storage } = publicS3Remote({ url: server.url });
  const address = await addressOf(bytes("hello"), rawSha256);
  expect(await storage.get(address)).toEqual(bytes("hello"));
  expect(server.requests.map(({ headers }) => headers["cache-control"])).toEqual([undefined, "no-cache"]);
});

test.each([
  [500, "ERR_UNREACHABLE"],
  [503, "ERR_UNREACHABLE"],
  [429, "ERR_UNREACHABLE"],
  [401, "ERR_DENIED"],
  [403, "ERR_DENIED"],
])("the status %d is %s, never an absence", async (status, code) => {
  const remote = publicS3Remote({ url: (await scriptedServer({ status, body: "<html>" })).url });
  expect(await failure(remote.names.resolve("log"))).toMatchObject({ code });
  expect(await failure(remote.storage.has(await addressOf(bytes("x"), rawSha256)))).toMatchObject({ code });
});

test("nobody who listens is ERR_UNREACHABLE", async () => {
  const remote = publicS3Remote({ url: "http://127.0.0.1:1/x" });
  expect(await failure(remote.names.resolve("log"))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
  });
});

test.each(["before the answer", "while the body drips"])(
  "an abort %s ends it with its own reason",
  async (when) => {
    const { url, requests } = await scriptedServer(
      when === "while the body drips" ? { headers: { etag: '"abc"' }, body: "x", ending: "hold" } : NEVER,
    );
    const { names, storage } = publicS3Remote({ url });
    const controller = new AbortController();
    const address = await addressOf(bytes("x"), rawSha256);
    const { signal } = controller;
    const endings = Promise.all([
      failure(names.resolve("log", { signal })),
      failure(storage.get(address, { signal })),
    ]);
    await expect.poll(() => requests.length, { timeout: 60_000 }).toBe(2);
    controller.abort("enough");
    expect(await endings).toEqual(["enough", "enough"]);
  },
);

test("after close every operation is ERR_CLOSED", async () => {
  const { remote } = place();
  const address = await addressOf(bytes("x"), rawSha256);
  await remote.storage.close?.();
  await remote.names.close?.();
  for (const doing of [
    () => remote.storage.get(address),
    () => remote.storage.has(address),
    () => remote.storage.put(bytes("x")),
    () => remote.names.resolve("log"),
  ]) {
    expect(await failure(doing())).toMatchObject({ code: "ERR_CLOSED" });
  }
});

test.each([
  "",
  "example.com",
  "ftp://example.com",
  "https://me:hush-hush@example.com/x",
  "https://example.com/x?X-Amz-Signature=hush-hush",
  "https://example.com/x#hush-hush",
  "https://example.com/x?",
  "https://example.com/x#",
])("the URL %j is refused, and not repeated", (url) => {
  let error: unknown;
  try {
    publicS3Remote({ url });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(String(error)).not.toContain("hush-hush");
});

test("it promises no read of its own writes, unless it is told so", () => {
  const url = "https://cdn.example.com/logs/";
  const cdn = publicS3Remote({ url });
  expect([cdn.storage.capabilities.readYourWrites, cdn.names.capabilities.readYourWrites]).toEqual([
    false,
    false,
  ]);
  expect(cdn.label).toBe("https://cdn.example.com/logs");
  expect(publicS3Remote({ url, readYourWrites: true, label: "direct" })).toMatchObject({
    label: "direct",
    names: { capabilities: { readYourWrites: true } },
  });
});

test("a part of a content is read by its range, and nothing past its end", async () => {
  const { own, remote } = place();
  const content = new Uint8Array(10_000).map((_, i) => i % 251);
  const address = await own.storage.put(content);
  const get = (offset: number, length: number) => remote.storage.get(address, { range: { offset, length } });
  expect(remote.storage.capabilities.ranges).toBe(true);
  expect(await get(500, 1000)).toEqual(content.subarray(500, 1500));
  expect(await get(9_990, 1000)).toEqual(content.subarray(9_990));
  expect(await get(10_000, 1)).toEqual(new Uint8Array(0));
  const absent = await addressOf(bytes("never"), rawSha256);
  const range = { offset: 0, length: 10 };
  expect(await failure(remote.storage.get(absent, { range }))).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test.each<[string, Reply, string, string]>([
  ["ignores ranges", withLength("0123456789"), "ERR_UNSUPPORTED", "no-ranges"],
  ["ignores ranges, without end", endless("application/octet-stream"), "ERR_UNSUPPORTED", "no-ranges"],
  [
    "sends another part",
    { status: 206, headers: { "content-range": "bytes 0-3/10" }, body: "0123" },
    "ERR_UNREACHABLE",
    "wrong-range",
  ],
  [
    "sends more than the part",
    { status: 206, headers: { "content-range": "bytes 2-5/10" }, body: "23456789" },
    "ERR_UNREACHABLE",
    "wrong-range",
  ],
])("a server that %s is not believed", async (_, reply, code, reason) => {
  const { url } = await scriptedServer(() => reply);
  const { storage } = publicS3Remote({ url });
  const address = await addressOf(bytes("0123456789"), rawSha256);
  const error = await failure(storage.get(address, { range: { offset: 2, length: 4 } }));
  expect(error).toMatchObject({ code, reason });
});
