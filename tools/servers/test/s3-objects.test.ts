import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { denied } from "@remote-log/servers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKET, bytes, clientOf, codeOf, failureOf, serve, signedFetch } from "./own-s3.ts";

function put(client: S3Client, Key: string, text = "content") {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes(text) }));
}

test("what was put under any key is what is got", async () => {
  const { client } = await serve();
  const keys = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
  const property = fc.asyncProperty(keys, fc.uint8Array({ maxLength: 5000 }), async (Key, Body) => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Buffer.from(Body))).toBe(true);
  });
  await fc.assert(property, { numRuns: 100, examples: [["a//b/../c ?#%+&=ä\u{1f600}", new Uint8Array(3)]] });
});

test("metadata, type and date of an object are those that it was put with", async () => {
  const { client } = await serve({ now: Date.now });
  const before = Math.floor(Date.now() / 1000) * 1000;
  const fields = { ContentType: "text/plain", CacheControl: "no-cache", Metadata: { colour: "red" } };
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: bytes("content"), ...fields }));
  const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect(head).toMatchObject({ ...fields, ContentLength: 7, AcceptRanges: "bytes" });
  expect(head.LastModified?.getTime()).toBeGreaterThanOrEqual(before);
});

test("a range gives its bytes, and 416 if there are none", async () => {
  const { server, client } = await serve();
  await put(client, "k", "0123456789");
  const read = (range: string) => signedFetch(server, { path: `/${BUCKET}/k`, headers: { range } });
  for (const [range, text, described] of [
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
  ] as const) {
    const answer = await read(range);
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(described);
    expect(await answer.text()).toBe(text);
  }
  expect(await codeOf(await read("bytes=10-"))).toBe("416 InvalidRange");
  expect(await (await read("lines=1-2")).text()).toBe("0123456789");
});

test("a delete removes the object, and is 204 if there is none", async () => {
  const { client } = await serve();
  await put(client, "k");
  const remove = new DeleteObjectCommand({ Bucket: BUCKET, Key: "k" });
  expect((await client.send(remove)).$metadata.httpStatusCode).toBe(204);
  expect((await client.send(remove)).$metadata.httpStatusCode).toBe(204);
  const got = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect(await failureOf(got)).toMatchObject({ status: 404, code: "NoSuchKey" });
});

test("a head that fails has no body", async () => {
  const { server } = await serve();
  const answer = await signedFetch(server, { method: "HEAD", path: `/${BUCKET}/absent` });
  expect(answer.status).toBe(404);
  expect(await answer.text()).toBe("");
  expect(server.requests.list()[0]).toMatchObject({ status: 404, bytesOut: 0 });
});

test("buckets are made, found and removed", async () => {
  const { client } = await serve();
  const Bucket = "another-bucket";
  expect(await failureOf(client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: bytes("x") }));
  expect(await failureOf(client.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
    status: 409,
    code: "BucketNotEmpty",
  });
  await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await client.send(new DeleteBucketCommand({ Bucket }));
  const got = client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await failureOf(got)).toMatchObject({ status: 404, code: "NoSuchBucket" });
});

test("a bucket that one owns cannot be made again outside of us-east-1", async () => {
  const { client } = await serve({ region: "eu-west-1" });
  expect(await failureOf(client.send(new CreateBucketCommand({ Bucket: BUCKET })))).toMatchObject({
    status: 409,
    code: "BucketAlreadyOwnedByYou",
  });
  const elsewhere = { CreateBucketConfiguration: { LocationConstraint: "eu-north-1" } } as const;
  expect(
    await failureOf(client.send(new CreateBucketCommand({ Bucket: "b-2", ...elsewhere }))),
  ).toMatchObject({ status: 400, code: "IllegalLocationConstraintException" });
});

test("requests that S3 refuses have its codes", async () => {
  const { server } = await serve({ maximumObjectBytes: 100 });
  const send = (method: string, path: string, body?: string) =>
    signedFetch(server, { method, path, ...(body !== undefined && { body }) }).then(codeOf);
  expect(await send("PUT", "/absent/k", "x")).toBe("404 NoSuchBucket");
  expect(await send("PUT", "/Bad_Name")).toBe("400 InvalidBucketName");
  expect(await send("PUT", `/${BUCKET}/${"k".repeat(1024)}`, "x")).toBe("200");
  expect(await send("PUT", `/${BUCKET}/${"k".repeat(1025)}`, "x")).toBe("400 KeyTooLongError");
  expect(await send("PUT", `/${BUCKET}/k`, "x".repeat(101))).toBe("400 EntityTooLarge");
  expect(await send("GET", `/${BUCKET}/%ff`)).toBe("400 InvalidURI");
  expect(await send("POST", `/${BUCKET}/k`, "x")).toBe("405 MethodNotAllowed");
  expect(await send("GET", `/${BUCKET}/k?acl`)).toBe("501 NotImplemented");
});

test("a large upload that is refused is answered, not cut off", async () => {
  const { server, client } = await serve({ maximumObjectBytes: 1_000_000 }, { maxAttempts: 1 });
  const large = "x".repeat(8_000_000);
  expect(await failureOf(put(client, "k", large))).toMatchObject({ status: 400, code: "EntityTooLarge" });
  server.faults.add(denied(), { times: 1 });
  expect(await failureOf(put(client, "k", large))).toMatchObject({ status: 403, code: "AccessDenied" });
  await put(client, "k");
});

test("what the server keeps is bounded", async () => {
  const { client } = await serve({ maximumStoredBytes: 100 }, { maxAttempts: 1 });
  await put(client, "a", "x".repeat(60));
  expect(await failureOf(put(client, "b", "x".repeat(60)))).toMatchObject({
    status: 507,
    code: "QuotaExceeded",
  });
  await put(client, "b", "x".repeat(40));
});

test("a list has the keys of a prefix in order, page by page", async () => {
  const { client } = await serve();
  const keys = Array.from({ length: 25 }, (_, index) => `logs/${String(index).padStart(3, "0")}`);
  await Promise.all([...keys].reverse().map((key) => put(client, key)));
  await put(client, "other");
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "logs/", MaxKeys: 10, ContinuationToken }),
    );
    found.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    expect(page.KeyCount).toBe(page.Contents?.length);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    ContinuationToken = page.NextContinuationToken;
    pages++;
  } while (ContinuationToken !== undefined);
  expect(found).toEqual(keys);
  expect(pages).toBe(3);
});

test("a list says of each object what a head says", async () => {
  const { client } = await serve();
  await put(client, "k");
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "k" }));
  expect(Contents).toEqual([
    expect.objectContaining({ Key: "k", Size: 7, ETag: head.ETag, LastModified: head.LastModified }),
  ]);
});

test("keys are listed in the order of their bytes in UTF-8", async () => {
  const { client } = await serve();
  // By UTF-16 units, the second would come last.
  const keys = ["a", "\u{ff5e}", "\u{1f600}"];
  for (const key of keys) await put(client, key);
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(keys);
});

test("keys with the signs of XML are listed as they are", async () => {
  const { client } = await serve();
  const key = `<a href="b">&amp;'`;
  await put(client, key);
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents?.[0]?.Key).toBe(key);
});

test("a delimiter makes groups, and no group comes on two pages", async () => {
  const { client } = await serve();
  for (const key of ["a/1", "a/2", "b", "c/1", "c/2"]) await put(client, key);
  const found: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Delimiter: "/", MaxKeys: 1, ContinuationToken }),
    );
    found.push(page.CommonPrefixes?.[0]?.Prefix ?? page.Contents?.[0]?.Key);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(found).toEqual(["a/", "b", "c/"]);
});

test("keys that XML cannot carry are listed in the encoding of addresses", async () => {
  const { client } = await serve();
  await put(client, "a\u0001 b/(ä)");
  const { Contents } = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, EncodingType: "url", StartAfter: "a" }),
  );
  expect(Contents?.[0]?.Key).toBe("a%01+b/%28%C3%A4%29");
});

test("a list with arguments that make no sense is 400 InvalidArgument", async () => {
  const { server } = await serve();
  for (const query of ["max-keys=many", "max-keys=-1", "encoding-type=base64", "continuation-token=forged"]) {
    const answer = await signedFetch(server, { path: `/${BUCKET}?list-type=2&${query}` });
    expect(await codeOf(answer)).toBe("400 InvalidArgument");
  }
});

test("stop ends every connection at once, and may be called twice", async () => {
  const { server, client } = await serve({}, { maxAttempts: 1 });
  server.faults.add({ kind: "never-answers" });
  const sent = put(client, "k");
  sent.catch(() => {});
  await expect.poll(() => server.requests.count()).toBe(1);
  await server.stop();
  await expect(sent).rejects.toThrow(/hang up|ECONNRESET/);
  await server.stop();
  await expect(put(clientOf(server, { maxAttempts: 1 }), "k")).rejects.toThrow("ECONNREFUSED");
});
