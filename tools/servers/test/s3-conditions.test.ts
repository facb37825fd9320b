import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { BUCKET, bytes, clientOf, codeOf, failureOf, serve, signedFetch } from "./own-s3.ts";

const KEY = "heads/one";
const ABSENT = "absent";

function put(client: S3Client, text: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: bytes(text), ...condition }));
}

async function get(client: S3Client): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return Body?.transformToString();
}

test("a put with If-None-Match: * makes what is not there, and leaves what is there", async () => {
  const { client } = await serve();
  const { ETag } = await put(client, "first", { IfNoneMatch: "*" });
  expect(ETag).toBe('"8b04d5e3775d298e78455efc5ca404d5"');
  const failure = await failureOf(put(client, "second", { IfNoneMatch: "*" }));
  expect(failure).toMatchObject({ status: 412, code: "PreconditionFailed" });
  expect(await get(client)).toBe("first");
});

test("a put with If-Match replaces the content of that ETag alone, quoted or not", async () => {
  const { client } = await serve();
  const first = await put(client, "first");
  const second = await put(client, "second", { IfMatch: first.ETag! });
  expect(await failureOf(put(client, "third", { IfMatch: first.ETag! }))).toMatchObject({ status: 412 });
  await put(client, "fourth", { IfMatch: second.ETag!.replaceAll('"', "") });
  expect(await get(client)).toBe("fourth");
});

test("a put with If-Match is 404 NoSuchKey if there is nothing", async () => {
  const { client } = await serve();
  expect(await failureOf(put(client, "x", { IfMatch: '"0123"' }))).toMatchObject({
    status: 404,
    code: "NoSuchKey",
  });
});

test("conditions that S3 has not are 501 NotImplemented", async () => {
  const { server } = await serve();
  const send = (headers: Record<string, string>) =>
    signedFetch(server, { method: "PUT", path: `/${BUCKET}/${KEY}`, body: "x", headers }).then(codeOf);
  expect(await send({ "if-none-match": '"0123"' })).toBe("501 NotImplemented");
  expect(await send({ "if-none-match": "*", "if-match": '"0123"' })).toBe("501 NotImplemented");
});

test("of 20 who make a key at once, one succeeds", async () => {
  const { server } = await serve();
  const clients = Array.from({ length: 20 }, () => clientOf(server));
  const outcomes = await Promise.allSettled(
    clients.map((client, index) => put(client, `writer ${index}`, { IfNoneMatch: "*" })),
  );
  const winners = outcomes.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
  expect(winners).toHaveLength(1);
  expect(await get(clients[0]!)).toBe(`writer ${winners[0]}`);
  expect(server.requests.count({ operation: "PutObject", status: 412 })).toBe(19);
});

test("of 20 who replace one ETag at once, one succeeds", async () => {
  const { server, client } = await serve();
  const { ETag } = await put(client, "base");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => put(clientOf(server), `${index}`, { IfMatch: ETag! })),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a condition is decided when the body is complete, not when it begins", async () => {
  const { server, client } = await serve();
  let release = (): void => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = server.faults.add({ kind: "held", until }, { times: 1 });
  const slow = failureOf(put(client, "slow", { IfNoneMatch: "*" }));
  await expect.poll(() => held.hits).toBe(1);
  await put(clientOf(server), "fast", { IfNoneMatch: "*" });
  release();
  expect(await slow).toMatchObject({ status: 412 });
  expect(await get(client)).toBe("fast");
});

test("a get with the current ETag in If-None-Match is 304, with the ETag and without a body", async () => {
  const { server, client } = await serve();
  const { ETag } = await put(client, "content");
  for (const method of ["GET", "HEAD"]) {
    const path = `/${BUCKET}/${KEY}`;
    const same = await signedFetch(server, { method, path, headers: { "if-none-match": ETag! } });
    expect(same.status).toBe(304);
    expect(same.headers.get("etag")).toBe(ETag);
    expect(await same.text()).toBe("");
    const other = await signedFetch(server, { method, path, headers: { "if-none-match": '"0123"' } });
    expect(other.status).toBe(200);
  }
  expect(server.requests.list({ status: 304 }).map(({ bytesOut }) => bytesOut)).toEqual([0, 0]);
});

test("a get with another ETag in If-Match is 412", async () => {
  const { client } = await serve();
  const { ETag } = await put(client, "content");
  const read = (IfMatch: string) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY, IfMatch }));
  expect(await failureOf(read('"0123"'))).toMatchObject({ status: 412, code: "PreconditionFailed" });
  expect((await read(ETag!)).ContentLength).toBe(7);
  const head = client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY, IfMatch: '"0123"' }));
  expect((await failureOf(head)).status).toBe(412);
});

test("a read's dates count if it names no ETag", async () => {
  const { server, client } = await serve({ now: () => Date.parse("2026-05-01T12:00:00.500Z") });
  const signingDate = new Date("2026-05-01T12:00:00Z");
  await signedFetch(server, { method: "PUT", path: `/${BUCKET}/${KEY}`, body: "x", signingDate });
  const read = async (headers: Record<string, string>): Promise<number> => {
    const path = `/${BUCKET}/${KEY}`;
    return (await signedFetch(server, { path, headers, signingDate })).status;
  };
  const at = "Fri, 01 May 2026 12:00:00 GMT";
  const before = "Fri, 01 May 2026 11:59:59 GMT";
  expect(await read({ "if-modified-since": at })).toBe(304);
  expect(await read({ "if-modified-since": before })).toBe(200);
  expect(await read({ "if-unmodified-since": at })).toBe(200);
  expect(await read({ "if-unmodified-since": before })).toBe(412);
  expect(await read({ "if-modified-since": at, "if-none-match": '"0123"' })).toBe(200);
  client.destroy();
});

test("a delete with If-Match removes the content of that ETag alone", async () => {
  const { client } = await serve();
  const { ETag } = await put(client, "content");
  const remove = (IfMatch: string, Key = KEY) =>
    client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, IfMatch }));
  expect(await failureOf(remove('"0123"'))).toMatchObject({ status: 412 });
  expect(await get(client)).toBe("content");
  await remove(ETag!);
  expect(await failureOf(get(client))).toMatchObject({ status: 404, code: "NoSuchKey" });
  for (const condition of ['"0123"', "*"]) {
    expect(await failureOf(remove(condition, ABSENT))).toMatchObject({ status: 404, code: "NoSuchKey" });
  }
});

test("a 412 names the condition that did not hold", async () => {
  const { server, client } = await serve();
  await put(client, "content");
  const answer = await signedFetch(server, {
    method: "PUT",
    path: `/${BUCKET}/${KEY}`,
    body: "x",
    headers: { "if-none-match": "*" },
  });
  expect(answer.headers.get("content-type")).toBe("application/xml");
  const document = await answer.text();
  expect(document).toContain("<Condition>If-None-Match</Condition>");
  expect(document).toContain(`<RequestId>${answer.headers.get("x-amz-request-id")}</RequestId>`);
});
