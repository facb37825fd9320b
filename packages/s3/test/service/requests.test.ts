import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BucketRequests } from "../../src/service/requests.ts";
import { SdkService } from "../../src/service/sdk-service.ts";
import { callOf, errorXml, type ScriptedAnswer, scriptedClient } from "./scripted-client.ts";

const body = bytes("hello");
const digest = new Uint8Array(createHash("sha256").update(body).digest());
const object = { key: "k", body, digest };
const ok: ScriptedAnswer = { status: 200, headers: { etag: '"e"' } };

function refusal(status: number, code: string, message?: string): ScriptedAnswer {
  return { status, body: errorXml(code, message) };
}

function requestsTo(...answers: Parameters<typeof scriptedClient>) {
  const { client, sent } = scriptedClient(...answers);
  const service = new SdkService(client, "bucket");
  const bucket = { service, place: "s3://bucket/x", answerMilliseconds: 60_000 };
  return { requests: new BucketRequests(bucket), sent, bucket };
}

test("an object is written as bytes, with its checksum, its condition and its metadata", async () => {
  const { requests, sent } = requestsTo(ok);
  const metadata = { mark: "m" };
  expect(await requests.put({ ...object, create: true, metadata }, callOf())).toBe('"e"');
  await requests.put({ ...object, match: '"old"' }, callOf());
  expect(sent[0]).toMatchObject({
    method: "PUT",
    path: "/bucket/k",
    body,
    headers: {
      "content-type": "application/octet-stream",
      "x-amz-checksum-sha256": Buffer.from(digest).toString("base64"),
      "if-none-match": "*",
      "x-amz-meta-mark": "m",
    },
  });
  expect(sent[0]?.headers).not.toHaveProperty("if-match");
  expect(sent[1]?.headers).toMatchObject({ "if-match": '"old"' });
  expect(sent[1]?.headers).not.toHaveProperty("if-none-match");
});

test("a content that has not changed is not read, although a service that can't compare sends it", async () => {
  const unread = new Readable({ read: () => undefined });
  const { requests } = requestsTo({ status: 200, headers: { etag: '"e"' }, body: unread });
  const options = { limit: 100, known: '"e"', what: "the name" };
  expect(await requests.get("k", options, callOf())).toBe("unchanged");
  // Else its connection would be held.
  expect(unread.destroyed).toBe(true);
});

const CHECKSUM = "The checksum header is not known.";

test.each([
  ["400 that speaks of a checksum", 400, "InvalidArgument", CHECKSUM, {}, 2],
  ["501 that speaks of a checksum", 501, "NotImplemented", CHECKSUM, { create: true }, 2],
  ["501 without a word of it, without a condition", 501, "NotImplemented", "No.", {}, 2],
  ["501 without a word of it, if none may be there", 501, "NotImplemented", "No.", { create: true }, 1],
  ["501 without a word of it, if one must be there", 501, "NotImplemented", "No.", { match: '"a"' }, 1],
  ["400 without a word of it", 400, "InvalidArgument", "No.", {}, 1],
  ["500 that speaks of a checksum", 500, "InternalError", CHECKSUM, {}, 1],
  ["400 with a code that says that it is wrong", 400, "XAmzContentChecksumMismatch", CHECKSUM, {}, 1],
  ["400 with a code that says that the digest is bad", 400, "BadDigest", CHECKSUM, {}, 1],
  ["400 that says that it does not match", 400, "InvalidArgument", "The checksum does not Match.", {}, 1],
] as const)("a write refused with %s is sent %#", async (_, status, code, message, condition, times) => {
  const { requests, sent } = requestsTo(refusal(status, code, message), ok);
  const writing = requests.put({ ...object, ...condition }, callOf());
  if (times === 1) expect(await failure(writing)).toMatchObject({ name: "ServiceFailure", code, status });
  else expect(await writing).toBe('"e"');
  expect(sent.map(({ headers }) => "x-amz-checksum-sha256" in headers)).toEqual(
    [true, false].slice(0, times),
  );
  expect(requests.traits.checksums).toBe(times === 1);
});

test("a service that refused the checksum gets none from then on, and no second request either", async () => {
  const refused = refusal(400, "InvalidArgument", CHECKSUM);
  const { requests, sent } = requestsTo(refused, ok, refused);
  await requests.put(object, callOf());
  expect(await failure(requests.put(object, callOf()))).toMatchObject({ code: "InvalidArgument" });
  expect(sent.map(({ headers }) => "x-amz-checksum-sha256" in headers)).toEqual([true, false, false]);
});

test("a service that refuses with and without the checksum is asked with it again", async () => {
  const { requests } = requestsTo(refusal(400, "InvalidArgument", CHECKSUM));
  await failure(requests.put(object, callOf()));
  expect(requests.traits.checksums).toBe(true);
});

const READ = { limit: 5, what: "the content b1" };

test("an object that is not the known one is read, and the known one is not", async () => {
  const answer = { status: 200, headers: { etag: '"e"', "x-amz-meta-mark": "m" }, body };
  const { requests, sent } = requestsTo(answer);
  const read = { content: body, etag: '"e"', metadata: { mark: "m" } };
  expect(await requests.get("k", READ, callOf())).toEqual(read);
  // One that no object has: so no cache answers.
  expect(sent[0]?.headers).toMatchObject({ "if-none-match": `"${"0".repeat(32)}"` });
  expect(await requests.get("k", { ...READ, known: '"d"' }, callOf())).toEqual(read);
  expect(sent[1]?.headers).toMatchObject({ "if-none-match": '"d"' });
  // A service that does not know the condition sends everything.
  expect(await requests.get("k", { ...READ, known: '"e"' }, callOf())).toBe("unchanged");
});

test("an object without an ETag is not taken for the one that nobody knows", async () => {
  const { requests } = requestsTo({ status: 200, body });
  expect(await requests.get("k", READ, callOf())).toMatchObject({ content: body, etag: undefined });
});

test("304 means unchanged if something was known, and is a failure if not", async () => {
  const { requests } = requestsTo({ status: 304 }, { status: 304 }, refusal(403, "AccessDenied"));
  expect(await requests.get("k", { ...READ, known: '"e"' }, callOf())).toBe("unchanged");
  expect(await failure(requests.get("k", READ, callOf()))).toMatchObject({
    name: "ServiceFailure",
    status: 304,
  });
  // A refusal says nothing of what is there.
  expect(await failure(requests.get("k", { ...READ, known: '"e"' }, callOf()))).toMatchObject({
    status: 403,
  });
});

test("bytes that do not match the service's own checksum are ERR_INTEGRITY", async () => {
  const headers = { "x-amz-checksum-sha256": Buffer.from(digest).toString("base64") };
  const { requests } = requestsTo({ status: 200, headers, body: "jelly" });
  const call = callOf(undefined, "storage.get");
  const error = await failure(requests.get("k", READ, call));
  expect(error).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "storage.get",
    cause: { code: "ChecksumMismatch", status: undefined },
  });
  expect(error.message).toContain("the content b1");
});

test("a service whose code is ChecksumMismatch refused, and sent no wrong bytes", async () => {
  const { requests } = requestsTo(refusal(400, "ChecksumMismatch"));
  expect(await failure(requests.get("k", READ, callOf()))).toMatchObject({
    name: "ServiceFailure",
    code: "ChecksumMismatch",
    status: 400,
  });
});

test("whether there is an object is asked for with its first byte, which is read to its end", async () => {
  const one = Readable.from([Buffer.from("h")]);
  const { requests, sent } = requestsTo({ status: 206, headers: { "content-length": "1" }, body: one });
  expect(await requests.has("k", callOf())).toBe(true);
  expect(sent[0]).toMatchObject({ method: "GET", headers: { range: "bytes=0-0" } });
  // A body that is read to its end leaves the connection for the next request.
  expect(one.readableEnded).toBe(true);
});

test("a part of an object that is a page itself is no page of the network", async () => {
  const headers = { "content-type": "text/html", "content-length": "1", "content-range": "bytes 0-0/5" };
  const { "content-range": _, ...whole } = headers;
  for (const there of [headers, { ...whole, "content-type": "x-text/html" }]) {
    const { requests } = requestsTo({ status: 206, headers: there, body: "<" });
    expect(await requests.has("k", callOf())).toBe(true);
  }
  const page = requestsTo({ status: 200, headers: whole, body: "<" }).requests;
  expect(await failure(page.has("k", callOf()))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
  });
});

test("of a service that sends the whole object instead, nothing is read", async () => {
  let read = 0;
  const whole = new Readable({ read: () => read++ });
  const { requests } = requestsTo({ status: 200, headers: { "content-length": "5000" }, body: whole });
  expect(await requests.has("k", callOf())).toBe(true);
  expect([whole.destroyed, read]).toEqual([true, 0]);
});

test.each([
  [refusal(404, "NoSuchKey"), false],
  [refusal(416, "InvalidRange"), true],
] as const)("what is there, and what is not (%#)", async (answer, expected) => {
  expect(await requestsTo(answer).requests.has("k", callOf())).toBe(expected);
});

test("a missing bucket is not a missing object", async () => {
  const { requests } = requestsTo(refusal(404, "NoSuchBucket"));
  for (const asking of [
    requests.has("k", callOf()),
    requests.get("k", READ, callOf()),
    requests.delete("k", callOf()),
  ])
    expect(await failure(asking)).toMatchObject({ code: "NoSuchBucket", status: 404 });
});

test("the headers of an object are told, and 404 alone is its absence", async () => {
  const headers = { "content-length": "5", "x-amz-checksum-sha256": "abc=", etag: '"e"' };
  const { requests, sent } = requestsTo({ status: 200, headers }, { status: 404 }, { status: 403 });
  expect(await requests.head("k", callOf())).toEqual({ length: 5, checksum: "abc=", etag: '"e"' });
  expect(sent[0]).toMatchObject({ method: "HEAD", headers: { "x-amz-checksum-mode": "ENABLED" } });
  expect(await requests.head("k", callOf())).toBeUndefined();
  expect(await failure(requests.head("k", callOf()))).toMatchObject({ name: "ServiceFailure", status: 403 });
});

test("a missing object is deleted already", async () => {
  const { requests, sent } = requestsTo({ status: 204 }, refusal(404, "NoSuchKey"));
  await requests.delete("k", callOf());
  await requests.delete("k", callOf());
  expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "DELETE /bucket/k",
    "DELETE /bucket/k",
  ]);
});

function page(inside: string): ScriptedAnswer {
  return { status: 200, body: `<ListBucketResult>${inside}</ListBucketResult>` };
}

const KEYS = "<Contents><Key>p/a</Key></Contents><Contents><Size>1</Size></Contents>";
const TOKEN = "<NextContinuationToken>t</NextContinuationToken>";

test("a page of a list has its keys, and says where the next one begins", async () => {
  const more = page(`<IsTruncated>true</IsTruncated>${TOKEN}${KEYS}`);
  const { requests, sent } = requestsTo(more, page(`<IsTruncated>false</IsTruncated>${TOKEN}`));
  expect(await requests.list("p/", undefined, callOf())).toEqual({ keys: ["p/a"], next: "t" });
  expect(sent[0]?.query).toMatchObject({ "list-type": "2", prefix: "p/" });
  expect(sent[0]?.query).not.toHaveProperty("continuation-token");
  // Where the next page begins is of no matter if there is none.
  expect(await requests.list("p/", "t", callOf())).toEqual({ keys: [], next: undefined });
  expect(sent[1]?.query).toMatchObject({ "continuation-token": "t" });
});

test("a page of a list may be longer than other answers", async () => {
  const { requests } = requestsTo(page(`<IsTruncated>false</IsTruncated>${KEYS}`.padEnd(65 * 1024)));
  expect(await requests.list("p/", undefined, callOf())).toEqual({ keys: ["p/a"], next: undefined });
});

test.each([
  ["no list", "<Name>b</Name>", undefined, "not-s3"],
  ["more, but not where", "<IsTruncated>true</IsTruncated>", undefined, "incomplete-list"],
  ["more, but not where, further on", "<IsTruncated>true</IsTruncated>", "t", "incomplete-list"],
  ["more, from where this page began", `<IsTruncated>true</IsTruncated>${TOKEN}`, "t", "incomplete-list"],
])("a page that says %s is refused", async (_, inside, from, reason) => {
  const { requests } = requestsTo(page(inside));
  const error = await failure(requests.list("p/", from, callOf(undefined, "storage.list")));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", operation: "storage.list", reason });
});

test("a list that the SDK has no parser for is read all the same, and anything else is not", async () => {
  const thrown = (text: string) => {
    const $response = { body: text };
    const error = Object.assign(new ReferenceError("DOMParser is not defined"), { $response });
    return { send: () => Promise.reject(error) } as never;
  };
  const listing = (text: string) =>
    new BucketRequests({ ...requestsTo(ok).bucket, service: new SdkService(thrown(text), "bucket") }).list(
      "p/",
      undefined,
      callOf(),
    );
  const text = `${page(`<IsTruncated>false</IsTruncated>${KEYS}`).body}`;
  expect(await listing(text)).toEqual({ keys: ["p/a"], next: undefined });
  expect(await failure(listing("<html>"))).toMatchObject({ name: "ServiceFailure" });
});

test("an answer that is too long keeps its status and its code", async () => {
  const { requests } = requestsTo({ status: 200, body: new Uint8Array(65 * 1024) });
  expect(await failure(requests.put(object, callOf()))).toMatchObject({ code: "AnswerTooLong", status: 200 });
});

test("an abort ends a request with its own reason", async () => {
  const controller = new AbortController();
  const { requests } = requestsTo((signal) => {
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(new DOMException("stop", "AbortError")));
      controller.abort("enough");
    });
  });
  expect(await failure(requests.get("k", READ, callOf(controller.signal)))).toBe("enough");
});

test("a service that never answers is ERR_TIMEOUT, and named", async () => {
  const { bucket } = requestsTo(() => new Promise(() => undefined));
  const requests = new BucketRequests({ ...bucket, answerMilliseconds: 1 });
  const error = await failure(requests.delete("k", callOf(undefined, "storage.delete")));
  expect(error).toMatchObject({ code: "ERR_TIMEOUT", operation: "storage.delete" });
  expect(error.message).toContain("s3://bucket/x");
});

test("a part of an object is asked for by its range, and taken only if it is that part", async () => {
  const range = { offset: 1, length: 3 };
  const part = (headers: Record<string, string>, body = "ell", status = 206): ScriptedAnswer => ({
    status,
    headers,
    body,
  });
  const told = { "content-range": "bytes 1-3/5" };
  const { requests, sent } = requestsTo(part(told));
  expect(await requests.getRange("k", range, "it", callOf())).toEqual(bytes("ell"));
  expect(sent[0]!.headers).toMatchObject({ range: "bytes=1-3" });
  const outcome = (...answers: ScriptedAnswer[]) =>
    failure(requestsTo(...answers).requests.getRange("k", range, "it", callOf(undefined, "storage.get")));
  expect(await outcome(part({}, "hello", 200))).toMatchObject({
    code: "ERR_UNSUPPORTED",
    reason: "no-ranges",
    operation: "storage.get",
  });
  expect(await outcome(part({ "content-range": "bytes 0-2/5" }))).toMatchObject({ reason: "wrong-range" });
  expect(await outcome(part(told, "ello"))).toMatchObject({ reason: "wrong-range" });
  expect(await outcome(part(told, "el"))).toMatchObject({ reason: "wrong-range" });
  expect(await outcome(refusal(404, "NoSuchKey"))).toMatchObject({ code: "NoSuchKey" });
  const after = requestsTo(refusal(416, "InvalidRange")).requests;
  expect(await after.getRange("k", range, "it", callOf())).toEqual(new Uint8Array(0));
});
