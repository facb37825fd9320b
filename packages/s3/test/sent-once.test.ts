// The SDK sends each request once: who uses the adapter repeats it. A wrong clock is corrected on the way.

import { addressOf, generateSeed, openReader, openWriter, type Remote, rawSha256 } from "@remote-log/core";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import { bytes, failure } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer();

afterEach(() => void vi.restoreAllMocks());

const operations: Readonly<Record<string, (remote: Remote) => Promise<unknown>>> = {
  put: ({ storage }) => storage.put(bytes("hello")),
  get: async ({ storage }) => storage.get(await addressOf(bytes("hello"), rawSha256)),
  has: async ({ storage }) => storage.has(await addressOf(bytes("hello"), rawSha256)),
  delete: async ({ storage }) => storage.delete!(await addressOf(bytes("hello"), rawSha256)),
  resolve: ({ names }) => names.resolve("log"),
  update: ({ names }) => names.update("log", bytes("hello"), { expected: null }),
};

test.each(Object.entries(operations))("%s is sent once to a service that is busy", async (_, act) => {
  const busy = await scriptedServer({ status: 503, headers: { "retry-after": "7" } });
  const { client } = clientFor({ ...server, endpoint: busy.url });
  const remote = s3Remote({ client, bucket: BUCKET, compareAndSet: "none" });
  expect(await failure(act(remote))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
    reason: "busy",
    retryAfterMilliseconds: 7000,
  });
  expect(busy.requests).toHaveLength(1);
});

const HOUR = 3_600_000;

test.each([-5 * HOUR, 5 * HOUR])(
  "a clock that is off by %d ms is corrected, and no request is sent twice for it later",
  async (off) => {
    const elsewhen = await ownServer({ now: () => Date.now() + off });
    const { client, requests } = clientFor(elsewhen);
    const remote = s3Remote({ client, bucket: BUCKET, prefix: newPrefix(), compareAndSet: "none" });
    const address = await remote.storage.put(bytes("hello"));
    expect(requests()).toBe(2);
    expect(await remote.storage.get(address)).toEqual(bytes("hello"));
    await remote.names.update("log", bytes("hello"), { expected: null });
    // An absence is an answer, whatever the clock.
    expect(await remote.storage.has(await addressOf(bytes("never"), rawSha256))).toBe(false);
    expect(await remote.names.resolve("other")).toEqual({ status: "absent" });
    expect(requests()).toBe(6);
  },
);

test("a clock that the service never takes is told after one more request", async () => {
  const elsewhen = await ownServer({ now: () => Date.now() + 5 * HOUR });
  elsewhen.faults.add({ kind: "error", status: 403, code: "RequestTimeTooSkewed", message: "Too large." });
  const { client, requests } = clientFor(elsewhen);
  const { names } = s3Remote({ client, bucket: BUCKET });
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_DENIED", reason: "clock-skew" });
  expect(requests()).toBe(2);
});

test("publishing goes through a service that fails one request in nine, the name's included", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  let asked = 0;
  let failed = 0;
  const proxy = await scriptedServer(undefined, { target: server.endpoint });
  const prefix = newPrefix();
  const { client } = clientFor(server);
  client.middlewareStack.add(
    (next) => async (args) => {
      // Signed for the server; the proxy passes the host on as it was.
      const { hostname, port } = new URL(proxy.url);
      Object.assign(args.request as object, { hostname, port: Number(port) });
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "detour" },
  );
  proxy.become(() => {
    if (++asked % 9 !== 0) return undefined;
    return ++failed % 2 === 0 ? { ending: "unanswered" } : { status: 503 };
  });
  const remote = await openS3Remote({ client, bucket: BUCKET, prefix });
  await using writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    settings: { visibility: "public" },
    publish: "manual",
  });
  // Each publish consists of a few requests: every kind of them fails now and then.
  for (let i = 0; i < 40; i++) {
    await writer.append(bytes(`entry ${i}`));
    await writer.publish();
    expect(writer.status().remotes[0]).toMatchObject({ published: i + 1, confirmed: i + 1 });
  }
  expect(failed).toBeGreaterThan(8);
  await using reader = await openReader({ logId: writer.logId, remotes: [remote] });
  const read: string[] = [];
  for await (const { content } of reader.from(0)) read.push(new TextDecoder().decode(content));
  expect(read).toEqual(Array.from({ length: 40 }, (_, i) => `entry ${i}`));
});

test("a list goes through a service that fails now and then, page by page", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const page = (token: string) =>
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${token !== "last"}</IsTruncated>` +
    `<NextContinuationToken>${token}</NextContinuationToken></ListBucketResult>`;
  const tokens = ["second", undefined, "third", undefined, "last"];
  const listed = await scriptedServer(() => {
    const token = tokens.shift();
    if (token === undefined) return { status: 503 };
    return { headers: { "content-type": "application/xml" }, body: page(token) };
  });
  const { client } = clientFor({ ...server, endpoint: listed.url });
  for await (const address of s3Remote({ client, bucket: BUCKET }).storage.list!()) {
    throw new Error(`It listed ${address}.`);
  }
  expect(listed.requests.map(({ query }) => query.get("continuation-token"))).toEqual([
    ...[null, "second", "second", "third", "third"],
  ]);
});
