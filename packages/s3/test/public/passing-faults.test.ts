// A bucket that refuses, resets, or times out a part of the requests is read whole, and by every kind of read.

import {
  generateSeed,
  mirrorLog,
  openReader,
  openWriter,
  type Reader,
  type Remote,
  type Retry,
} from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { s3Remote } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { bytes, cut, failure, type Reply } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { clientFor, newPrefix, ownServer } from "../clients.ts";

const SIZE = 1600;
const BUCKET = "open-to-all";
const server = await ownServer({ publicRead: [BUCKET] });
const prefix = newPrefix();

const logId = await write();

async function write(): Promise<string> {
  const remotes = [s3Remote({ client: clientFor(server).client, bucket: BUCKET, prefix })];
  await using writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes,
    settings: { visibility: "public" },
    // Many requests.
    bundles: "off",
    publish: "manual",
  });
  for (let i = 0; i < SIZE; i++) void writer.append(bytes(`entry ${i}`));
  await writer.publish();
  return writer.logId;
}

afterEach(() => vi.restoreAllMocks());

/** How a request fails, by turns. */
const failures: readonly (() => Reply | Promise<Reply>)[] = [
  () => ({ status: 429 }),
  () => cut(),
  () => ({ status: 503, body: "<Error><Code>SlowDown</Code></Error>" }),
  () => cut({ headers: { "content-length": 500 }, body: "x" }),
  () => ({ status: 400, body: "<Error><Code>RequestTimeout</Code></Error>" }),
];

/** Of four objects one is read at once, and the others fail once, twice, and three times: more than half of all requests. */
function faultPlan(): (path: string) => boolean {
  const tries = new Map<string, { readonly fails: number; made: number }>();
  return (path) => {
    const one = tries.get(path) ?? { fails: (tries.size + 2) % 4, made: 0 };
    tries.set(path, one);
    return one.made++ < one.fails;
  };
}

async function faulty(): Promise<{ url: string; failed: () => number }> {
  const plan = faultPlan();
  let failed = 0;
  const proxy = await scriptedServer(
    ({ path }) => (plan(path) ? failures[failed++ % failures.length]!() : undefined),
    { target: server.endpoint },
  );
  return { url: `${proxy.url}/${BUCKET}/${prefix}`, failed: () => failed };
}

async function entriesOf(reader: Reader): Promise<string[]> {
  const seen: string[] = [];
  for await (const { content } of reader.from(0)) seen.push(new TextDecoder().decode(content));
  return seen;
}

const expected = Array.from({ length: SIZE }, (_, i) => `entry ${i}`);

const reads: Readonly<Record<string, (reader: Reader, remote: Remote) => Promise<void>>> = {
  from: async (reader) => expect(await entriesOf(reader)).toEqual(expected),
  latest: async (reader) => {
    const entries = await reader.latest(100);
    expect(entries.map(({ content }) => new TextDecoder().decode(content))).toEqual(expected.slice(-100));
  },
  entry: async (reader) => {
    for (let i = 0; i < SIZE; i += 400) {
      expect(new TextDecoder().decode((await reader.entry(i)).content)).toBe(`entry ${i}`);
    }
  },
  mirrorLog: async (reader) => {
    const to = memoryRemote({ label: "copy" });
    expect(await mirrorLog({ reader, to })).toMatchObject({ entries: SIZE, missing: [], name: "updated" });
    await using copied = await openReader({ logId, remotes: [to] });
    expect(await entriesOf(copied)).toEqual(expected);
  },
};

test.each(Object.entries(reads))(
  "%s goes through a bucket that fails more than half of all requests",
  async (_, read) => {
    const { url, failed } = await faulty();
    const remote = publicS3Remote({ url });
    await using reader = await openReader({ logId, remotes: [remote] });
    await read(reader, remote);
    expect(failed()).toBeGreaterThan(2);
  },
);

test("of a client that tries once all 1,600 entries come, too", async () => {
  const { client } = clientFor(server, { maxAttempts: 1 });
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  const plan = faultPlan();
  let failed = 0;
  requestHandler.handle = (...[request, options]) => {
    if (!plan(request.path)) return handle(request, options);
    failed++;
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  await using reader = await openReader({ logId, remotes: [s3Remote({ client, bucket: BUCKET, prefix })] });
  expect(await entriesOf(reader)).toEqual(expected);
  expect(failed).toBeGreaterThan(100);
});

test("what lasts says how often it was tried, which is how often the server was asked", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const proxy = await scriptedServer(undefined, { target: server.endpoint });
  const retries: Retry[] = [];
  const remote = publicS3Remote({ url: `${proxy.url}/${BUCKET}/${prefix}` });
  await using reader = await openReader({
    logId,
    remotes: [remote],
    onRetry: (retry) => void retries.push(retry),
  });
  await reader.sync();
  proxy.become({ status: 429 });
  for (const read of [() => reader.entry(1), () => reader.sync(), () => reader.latest(1)]) {
    const before = proxy.requests.length;
    const error = await failure(read());
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "busy", tries: 7 });
    // One request at each try: nothing else repeats them, and nothing says so.
    expect(proxy.requests.length - before).toBe(7);
    expect((error as Error).message).toContain("the service is busy");
  }
  expect(retries.slice(0, 6).map(({ tries }) => tries)).toEqual([1, 2, 3, 4, 5, 6]);
  await using none = await openReader({ logId, remotes: [remote], retries: 0 });
  expect(await failure(none.sync())).toMatchObject({ code: "ERR_UNREACHABLE", tries: undefined });
});

test("what a client of the SDK would repeat by itself is sent once at each try", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const proxy = await scriptedServer({ status: 503 });
  const { client } = clientFor({ ...server, endpoint: proxy.url }, {});
  const remote = s3Remote({ client, bucket: BUCKET, prefix });
  await using reader = await openReader({ logId, remotes: [remote], retries: 1 });
  const error = await failure(reader.sync());
  expect(error).toMatchObject({ tries: 2, message: expect.stringContaining("the service is busy") });
  expect(proxy.requests).toHaveLength(2);
});

test.each(["the SDK", "plain HTTP"])("Retry-After is kept by a read with %s", async (how) => {
  const waits: Retry[] = [];
  const refusal = { status: 429, headers: { "retry-after": "1" } };
  const proxy = await scriptedServer(() =>
    proxy.requests.length === 1 ? refusal : { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" },
  );
  const { client } = clientFor({ ...server, endpoint: proxy.url }, { maxAttempts: 1 });
  const remote =
    how === "the SDK"
      ? s3Remote({ client, bucket: BUCKET, prefix })
      : publicS3Remote({ url: `${proxy.url}/${BUCKET}/${prefix}` });
  await using reader = await openReader({
    logId,
    remotes: [remote],
    onRetry: (retry) => void waits.push(retry),
  });
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(proxy.requests).toHaveLength(2);
  expect(waits).toMatchObject([{ tries: 1, milliseconds: 1000, error: { retryAfterMilliseconds: 1000 } }]);
});
