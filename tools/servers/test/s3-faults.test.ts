import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  conditionsNotImplemented,
  conflict,
  denied,
  expiredToken,
  internalError,
  minioQuotaExceeded,
  permanentRedirect,
  quotaExceeded,
  slowDown,
} from "@remote-log/servers";
import { expect, test } from "vitest";
import { BUCKET, bytes, clientOf, failureOf, serve, signedFetch } from "./own-s3.ts";

const KEY = "k";
const PATH = `/${BUCKET}/${KEY}`;
const ONE_TRY = { maxAttempts: 1 };

function put(client: S3Client, text: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: bytes(text), ...condition }));
}

async function get(client: S3Client): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return Body?.transformToString();
}

test("a reply that is lost after the commit makes a client of Amazon's see its own write as 412", async () => {
  const { server, client } = await serve();
  server.faults.add({ kind: "reply-lost" }, { times: 1 });
  const failure = await failureOf(put(client, "mine", { IfNoneMatch: "*" }));
  expect(failure).toEqual({ status: 412, code: "PreconditionFailed", attempts: 2 });
  expect(await get(client)).toBe("mine");
  const statuses = server.requests.list({ operation: "PutObject" }).map(({ status }) => status);
  expect(statuses).toEqual([0, 412]);
});

test("a connection that is cut before leaves nothing behind", async () => {
  const { server, client } = await serve({}, ONE_TRY);
  server.faults.add({ kind: "connection-cut" }, { times: 1 });
  await expect(put(client, "x")).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await failureOf(get(client))).toMatchObject({ status: 404 });
});

test("a connection that is cut once is tried again", async () => {
  const { server, client } = await serve();
  const fault = server.faults.add({ kind: "connection-cut" }, { times: 1 });
  expect((await put(client, "x")).$metadata.attempts).toBe(2);
  expect(fault.hits).toBe(1);
});

test.each([
  ["503 SlowDown", slowDown(7)],
  ["500 InternalError", internalError()],
  ["403 AccessDenied", denied()],
  ["400 ExpiredToken", expiredToken()],
  ["507 QuotaExceeded", quotaExceeded()],
  ["400 XMinioAdminBucketQuotaExceeded", minioQuotaExceeded()],
] as const)("%s is answered, and nothing is written", async (expected, fault) => {
  const { server, client } = await serve({}, ONE_TRY);
  server.faults.add(fault, { operation: "PutObject" });
  const { status, code } = await failureOf(put(client, "x"));
  expect(`${status} ${code}`).toBe(expected);
  expect(await failureOf(get(client))).toMatchObject({ status: 404 });
});

test("503 SlowDown says when to come back", async () => {
  const { server } = await serve();
  server.faults.add(slowDown(7));
  const answer = await signedFetch(server, { path: PATH });
  expect(answer.headers.get("retry-after")).toBe("7");
});

test("301 PermanentRedirect says in which region the bucket is", async () => {
  const { server } = await serve();
  server.faults.add(permanentRedirect("eu-west-1", "bucket.s3.eu-west-1.amazonaws.com"));
  const answer = await signedFetch(server, { path: PATH });
  expect(answer.status).toBe(301);
  expect(answer.headers.get("x-amz-bucket-region")).toBe("eu-west-1");
  expect(await answer.text()).toContain("<Endpoint>bucket.s3.eu-west-1.amazonaws.com</Endpoint>");
});

test.each([
  ["409 ConditionalRequestConflict", conflict()],
  ["501 NotImplemented", conditionsNotImplemented()],
] as const)("%s is for writes with a condition alone", async (expected, fault) => {
  const { server, client } = await serve({}, ONE_TRY);
  server.faults.add(fault);
  const { status, code } = await failureOf(put(client, "x", { IfNoneMatch: "*" }));
  expect(`${status} ${code}`).toBe(expected);
  await put(client, "plain");
  expect(await get(client)).toBe("plain");
});

test("an error may be answered although the write was done", async () => {
  const { server, client } = await serve({}, ONE_TRY);
  server.faults.add({ ...internalError(), committed: true }, { times: 1 });
  expect(await failureOf(put(client, "done"))).toMatchObject({ status: 500 });
  expect(await get(client)).toBe("done");
});

test("conditions that are ignored let everybody win", async () => {
  const { server, client } = await serve();
  server.faults.add({ kind: "conditions-ignored" });
  await put(client, "first", { IfNoneMatch: "*" });
  await put(client, "second", { IfNoneMatch: "*" });
  await put(client, "third", { IfMatch: '"0123"' });
  expect(await get(client)).toBe("third");
});

test("if quoted ETags are refused, the one without quotes still matches", async () => {
  const { server, client } = await serve();
  server.faults.add({ kind: "quoted-etag-refused" });
  const { ETag = "" } = await put(client, "first", { IfNoneMatch: "*" });
  expect(await failureOf(put(client, "second", { IfMatch: ETag }))).toMatchObject({ status: 412 });
  await put(client, "second", { IfMatch: ETag.replaceAll('"', "") });
  expect(await get(client)).toBe("second");
});

test("stale reads give the content before the last change, and at first none, as often as was said", async () => {
  const { server, client } = await serve();
  const fault = { kind: "stale-read" } as const;
  await put(client, "first");
  server.faults.add(fault, { times: 1 });
  expect(await failureOf(get(client))).toMatchObject({ code: "NoSuchKey" });
  await put(client, "second");
  server.faults.add(fault, { times: 2 });
  expect([await get(client), await get(client), await get(client)]).toEqual(["first", "first", "second"]);
});

test("stale reads end when their time is over", async () => {
  let ahead = 0;
  const { server, client } = await serve({ now: () => Date.now() + ahead });
  await put(client, "first");
  await put(client, "second");
  server.faults.add({ kind: "stale-read" }, { forMs: 60_000 });
  expect(await get(client)).toBe("first");
  ahead = 60_001;
  expect(await get(client)).toBe("second");
});

test("a slow body comes whole, in steps", async () => {
  const { server, client } = await serve();
  const content = "0123456789".repeat(10);
  await put(client, content);
  server.faults.add({ kind: "slow-body", bytes: 30, everyMs: 25 });
  const answer = await signedFetch(server, { path: PATH });
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body!) pieces.push(piece);
  expect(Buffer.concat(pieces).toString()).toBe(content);
  // Steps may arrive together if the machine is busy; but not all of them.
  expect(pieces[0]!.length % 30).toBe(0);
  expect(pieces.length).toBeGreaterThan(1);
});

test("a request that is never answered ends when its client gives up", async () => {
  const { server, client } = await serve();
  server.faults.add({ kind: "never-answers" }, { times: 1 });
  const controller = new AbortController();
  const sent = signedFetch(server, { method: "PUT", path: PATH, body: "x", signal: controller.signal });
  await expect.poll(() => server.requests.count({ operation: "PutObject" })).toBe(1);
  controller.abort();
  await expect(sent).rejects.toThrow("aborted");
  expect(await failureOf(get(client))).toMatchObject({ status: 404 });
});

test("a truncated body ends before its length", async () => {
  const { server, client } = await serve();
  await put(client, "0123456789");
  server.faults.add({ kind: "truncated-body", bytes: 4 });
  const answer = await signedFetch(server, { path: PATH });
  expect(answer.headers.get("content-length")).toBe("10");
  await expect(answer.text()).rejects.toThrow("terminated");
  expect(server.requests.list({ operation: "GetObject" })[0]?.bytesOut).toBe(4);
});

test("a body of which nothing comes still has its headers", async () => {
  const { server, client } = await serve();
  await put(client, "0123456789");
  server.faults.add({ kind: "truncated-body", bytes: 0 });
  const answer = await signedFetch(server, { path: PATH });
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow("terminated");
});

test("a corrupt body has the right headers and one wrong bit, which a client of Amazon's notices", async () => {
  const { server, client } = await serve();
  const { ETag } = await put(client, "0123456789");
  server.faults.add({ kind: "corrupt-body", at: 3 });
  const answer = await signedFetch(server, { path: PATH });
  expect(answer.headers.get("etag")).toBe(ETag);
  expect(await answer.text()).toBe("0122456789");
  await expect(get(client)).rejects.toThrow("Checksum mismatch");
  server.faults.clear();
  expect(await get(client)).toBe("0123456789");
});

test("if conditions are checked before the write, several who race succeed", async () => {
  const { server } = await serve();
  server.faults.add({ kind: "check-then-write", gapMs: 1_000 });
  const clients = Array.from({ length: 10 }, () => clientOf(server));
  const outcomes = await Promise.allSettled(
    clients.map((client, index) => put(client, `${index}`, { IfNoneMatch: "*" })),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(1);
  expect(await failureOf(put(clients[0]!, "late", { IfNoneMatch: "*" }))).toMatchObject({ status: 412 });
});

test("a write that lost a race is 409 if the server says so, and 412 if there was no race", async () => {
  const { server, client } = await serve();
  server.faults.add({ kind: "conflict-on-race" });
  let release = (): void => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = server.faults.add({ kind: "held", until }, { times: 1 });
  const slow = failureOf(put(client, "slow", { IfNoneMatch: "*" }));
  await expect.poll(() => held.hits).toBe(1);
  await put(clientOf(server), "fast", { IfNoneMatch: "*" });
  release();
  expect(await slow).toMatchObject({ status: 409, code: "ConditionalRequestConflict", attempts: 1 });
  expect(await failureOf(put(client, "late", { IfNoneMatch: "*" }))).toMatchObject({ status: 412 });
});

test("a fault befalls only the requests that it was added for", async () => {
  const { server, client } = await serve({}, ONE_TRY);
  const fault = server.faults.add(denied(), {
    operation: ["PutObject", "DeleteObject"],
    when: ({ bucket, key }) => bucket === BUCKET && key.startsWith("heads/"),
    times: 1,
  });
  const putAt = (Key: string) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes("x") }));
  await putAt("blobs/1");
  expect(await failureOf(putAt("heads/1"))).toMatchObject({ status: 403 });
  await putAt("heads/1");
  expect(fault.hits).toBe(1);
  const removed = server.faults.add(denied());
  removed.remove();
  await putAt("heads/1");
});

test("every request is counted, with the bytes that went in and out", async () => {
  const { server, client } = await serve();
  await put(client, "0123456789");
  await get(client);
  await failureOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "absent" })));
  expect(server.requests.list()).toEqual([
    { operation: "PutObject", bucket: BUCKET, key: KEY, status: 200, bytesIn: 10, bytesOut: 0 },
    { operation: "GetObject", bucket: BUCKET, key: KEY, status: 200, bytesIn: 0, bytesOut: 10 },
    expect.objectContaining({ operation: "GetObject", key: "absent", status: 404 }),
  ]);
  expect(server.requests.count({ operation: "GetObject" })).toBe(2);
  expect(server.requests.count({ operation: "GetObject", status: 404 })).toBe(1);
  expect(server.requests.count({ key: KEY })).toBe(2);
  server.requests.clear();
  expect(server.requests.count()).toBe(0);
});
