// The light client: what it sends, and what it makes of the answers.

import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { LightS3Client, s3Remote } from "../../src/light/index.ts";
import { LightService } from "../../src/light/service.ts";
import { callOf } from "../service/scripted-client.ts";
import { body, credentials, digest, object, ok, refusal, scripted } from "./scripted-light-client.ts";

test("an object is written as bytes, signed with their hash, with its checksum, condition and metadata", async () => {
  const { requests, sent } = scripted({}, ok);
  expect(await requests.put({ ...object, create: true, metadata: { mark: "m" } }, callOf())).toBe('"e"');
  await requests.put({ ...object, key: "a b/c'd", match: '"old"' }, callOf());
  const [first, second] = sent;
  expect(first!.url).toBe("http://s3.invalid:9000/bucket/k");
  expect(first!.init).toMatchObject({
    method: "PUT",
    body,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  expect(first!.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "if-none-match": "*",
    "x-amz-meta-mark": "m",
    "x-amz-checksum-sha256": Buffer.from(digest).toString("base64"),
    "x-amz-content-sha256": Buffer.from(digest).toString("hex"),
    "accept-encoding": "identity",
  });
  // Any region will do for most services, and this is the one that they take.
  expect(first!.headers["authorization"]).toMatch(/Credential=alice\/\d{8}\/us-east-1\/s3\//);
  expect(first!.headers["authorization"]).not.toContain("accept-encoding");
  expect(first!.headers).not.toHaveProperty("host");
  expect(second!.url).toBe("http://s3.invalid:9000/bucket/a%20b/c%27d");
  expect(second!.headers).toMatchObject({ "if-match": '"old"' });
});

test("an object is read with its headers and its metadata, and a part of it by its range", async () => {
  const headers = { etag: '"e"', "x-amz-meta-mark": "m", "content-length": "5" };
  const part = () => new Response("ell", { status: 206, headers: { "content-range": "bytes 1-3/5" } });
  const { requests, sent } = scripted({}, () => new Response("hello", { headers }), part);
  const read = await requests.get("k", { limit: 10, what: "it" }, callOf());
  expect(read).toEqual({ content: body, etag: '"e"', metadata: { mark: "m" } });
  const range = { offset: 1, length: 3 };
  expect(await requests.getRange("k", range, "it", callOf())).toEqual(bytes("ell"));
  expect(sent[1]!.headers["range"]).toBe("bytes=1-3");
  expect(sent[1]!.headers["authorization"]).toContain("range");
});

test("headers that are not there, and lengths that are none, say nothing", async () => {
  const bare = () => new Response(null);
  const { service, requests } = scripted({}, bare);
  const { signal } = callOf();
  expect(await requests.put(object, callOf())).toBeUndefined();
  const found = await service.get({ key: "k", ifNoneMatch: '"e"' }, signal);
  const nothing = { length: undefined, etag: undefined, contentType: undefined, contentRange: undefined };
  expect({ ...found, body: undefined }).toStrictEqual({
    ...nothing,
    ...{ status: 200, body: undefined, metadata: {} },
  });
  expect(await service.head("k", signal)).toStrictEqual({
    length: undefined,
    checksum: undefined,
    etag: undefined,
  });
  for (const length of ["5 bytes", "-5", "1".repeat(16), ""]) {
    const { service: other } = scripted({}, new Response(null, { headers: { "content-length": length } }));
    expect((await other.head("k", signal)).length, length).toBeUndefined();
  }
});

test("a page in the place of an object is none, and an object that is a page is one", async () => {
  const type = { "content-type": "text/html; charset=utf-8" };
  const page = scripted({}, () => new Response("<html>", { headers: type }));
  const call = callOf(undefined, "storage.has");
  expect(await failure(page.requests.has("k", call))).toMatchObject({ code: "ERR_UNREACHABLE" });
  const part = { ...type, "content-range": "bytes 0-0/6", "content-length": "1" };
  const held = scripted({}, () => new Response("<", { status: 206, headers: part }));
  expect(await held.requests.has("k", call)).toBe(true);
});

test("what stands behind the headers of an object is not waited for", async () => {
  let isEnded = false;
  const endless = () =>
    new Response(
      new ReadableStream({
        cancel() {
          isEnded = true;
        },
      }),
    );
  const { requests } = scripted({}, endless);
  await requests.head("k", callOf());
  expect(isEnded).toBe(true);
});

test("a page of a list is read out of its XML, from where the one before it ended", async () => {
  const page =
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a+b/=</NextContinuationToken><Contents><Key>p/a&amp;b</Key></Contents></ListBucketResult>";
  const { requests, sent } = scripted({}, () => new Response(page));
  const found = await requests.list("p/", undefined, callOf(undefined, "storage.list"));
  expect(found).toEqual({ keys: ["p/a&b"], next: "a+b/=" });
  await failure(requests.list("p/", "a+b/=", callOf(undefined, "storage.list")));
  expect(sent[0]!.url).toBe("http://s3.invalid:9000/bucket?list-type=2&prefix=p%2F");
  expect(sent[1]!.url).toContain("&continuation-token=a%2Bb%2F%3D");
  const { requests: other } = scripted({}, () => new Response("<html>"));
  const error = await failure(other.list("p/", undefined, callOf(undefined, "storage.list")));
  expect(error).toMatchObject({ name: "ServiceFailure", code: "WebPage" });
  const { requests: another } = scripted({}, () => new Response("hello"));
  expect(await failure(another.list("p/", undefined, callOf(undefined, "storage.list")))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "not-s3",
  });
  const onHost = scripted(
    { endpoint: "https://s3.example", forcePathStyle: false },
    () => new Response(page),
  );
  await onHost.requests.list("p/", undefined, callOf(undefined, "storage.list"));
  expect(onHost.sent[0]!.url).toBe("https://bucket.s3.example/?list-type=2&prefix=p%2F");
});

test("headers of an object are told without its body; a removal says nothing", async () => {
  const headers = { etag: '"e"', "content-length": "5", "x-amz-checksum-sha256": "abc" };
  const { requests, sent } = scripted(
    {},
    () => new Response(null, { headers }),
    refusal(404, ""),
    () => new Response(null, { status: 204 }),
  );
  expect(await requests.head("k", callOf())).toEqual({ length: 5, checksum: "abc", etag: '"e"' });
  expect(sent[0]!.headers["x-amz-checksum-mode"]).toBe("ENABLED");
  expect(await requests.head("k", callOf())).toBeUndefined();
  await requests.delete("k", callOf(undefined, "storage.delete"));
  expect(sent[2]!.init.method).toBe("DELETE");
});

test("what a service says of a failure is kept, and nothing else", async () => {
  const headers = {
    server: "own",
    "x-amz-request-id": "r1",
    "x-amz-bucket-region": "eu-west-1",
    "retry-after": "2",
  };
  const { requests } = scripted({}, refusal(503, "SlowDown", headers));
  const error = await failure(requests.put(object, callOf()));
  expect(error).toMatchObject({
    name: "ServiceFailure",
    code: "SlowDown",
    text: "Something.",
    status: 503,
    server: "own",
    region: "eu-west-1",
    requestId: "r1",
    retryAfterMilliseconds: 2000,
  });
});

test.each([
  "<Error><Code>PermanentRedirect</Code><Region>eu-west-3</Region></Error>",
  "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region is wrong; expecting 'eu-west-3'</Message></Error>",
])("where the bucket is, a service may say in its text: %s", async (text) => {
  const { requests } = scripted({}, () => new Response(text, { status: 400 }));
  expect(await failure(requests.put(object, callOf()))).toMatchObject({ region: "eu-west-3" });
});

test("a redirect whose status a browser hides is one", async () => {
  const opaque = {
    ok: false,
    type: "opaqueredirect",
    status: 0,
    headers: new Headers(),
    body: null,
  } as Response;
  const { requests } = scripted({}, () => opaque);
  expect(await failure(requests.get("k", { limit: 9, what: "it" }, callOf()))).toMatchObject({ status: 302 });
});

test("a request that was refused because the clock is wrong is sent once more, by the time of the service", async () => {
  const later = new Date(Date.now() + 3_600_000);
  for (const skewed of [
    refusal(403, "RequestTimeTooSkewed", { date: later.toUTCString() }),
    () =>
      new Response(
        `<Error><Code>RequestTimeTooSkewed</Code><ServerTime>${later.toISOString()}</ServerTime></Error>`,
        { status: 403 },
      ),
  ]) {
    const { requests, sent } = scripted({}, skewed, ok, skewed, skewed);
    await requests.put(object, callOf());
    const hours = sent.map(({ headers }) => headers["x-amz-date"]!.slice(0, 11));
    expect(hours[1]).toBe(later.toISOString().replaceAll(/[-:]/g, "").slice(0, 11));
    expect(hours[1]).not.toBe(hours[0]);
    // It is known from then on, and a second refusal is told.
    expect(await failure(requests.put(object, callOf()))).toMatchObject({ code: "RequestTimeTooSkewed" });
    expect(sent.length).toBe(3);
  }
});

test.each([400, 401, 403])("so is one that was refused with %i", async (status) => {
  const late = { date: new Date(Date.now() - 3_600_000).toUTCString() };
  const { requests, sent } = scripted({}, refusal(status, "AccessDenied", late), ok);
  expect(await requests.put(object, callOf())).toBe('"e"');
  expect(sent.length).toBe(2);
  // What the second one is refused with is told.
  const other = scripted({}, refusal(status, "AccessDenied", late), refusal(403, "SignatureDoesNotMatch"));
  expect(await failure(other.requests.put(object, callOf()))).toMatchObject({
    code: "SignatureDoesNotMatch",
  });
  expect(other.sent.length).toBe(2);
});

test("a refusal of another kind, or from the same time, is not repeated", async () => {
  const { requests, sent } = scripted({}, refusal(403, "AccessDenied", { date: new Date().toUTCString() }));
  expect(await failure(requests.put(object, callOf()))).toMatchObject({ code: "AccessDenied" });
  const long = { date: new Date(0).toUTCString() };
  const other = scripted({}, refusal(500, "InternalError", long));
  expect(await failure(other.requests.put(object, callOf()))).toMatchObject({ status: 500 });
  const anonymous = scripted({ credentials: "anonymous" }, refusal(403, "AccessDenied", long));
  expect(await failure(anonymous.requests.put(object, callOf()))).toMatchObject({ status: 403 });
  expect([sent.length, other.sent.length, anonymous.sent.length]).toEqual([1, 1, 1]);
});

test("anonymous requests have no signature, and temporary credentials have their token", async () => {
  const anonymous = scripted({ credentials: "anonymous" }, ok);
  await anonymous.requests.put(object, callOf());
  expect(anonymous.sent[0]!.headers).not.toHaveProperty("authorization");
  let calls = 0;
  const given = { ...credentials, sessionToken: "token" };
  const temporary = scripted({ credentials: async () => ({ ...given, accessKeyId: `key${++calls}` }) }, ok);
  await temporary.requests.put(object, callOf());
  await temporary.requests.put(object, callOf());
  expect(temporary.sent[1]!.headers["x-amz-security-token"]).toBe("token");
  expect(temporary.sent[1]!.headers["authorization"]).toContain("Credential=key2/");
});

test.each<[string, () => unknown]>([
  ["throws", () => Promise.reject(new Error("a-secret-of-alice"))],
  ["gives nothing", () => undefined],
  ["gives half of it", () => ({ accessKeyId: "alice" })],
])("a function that %s is no credentials, and nothing of it is told", async (_, provide) => {
  const { client, sent } = scripted({ credentials: provide as never }, ok);
  const { storage } = s3Remote({ client, bucket: "bucket" });
  const error = await failure(storage.put(body));
  expect(error).toMatchObject({ code: "ERR_DENIED", reason: "no-credentials" });
  expect(JSON.stringify([error.message, `${(error as Error).cause}`])).not.toContain("a-secret");
  expect(sent).toEqual([]);
});

test.each([
  [{ region: "eu-west-1" }, "my-bucket", "https://my-bucket.s3.eu-west-1.amazonaws.com/k"],
  [{ region: "cn-north-1" }, "my-bucket", "https://my-bucket.s3.cn-north-1.amazonaws.com.cn/k"],
  [{ region: "eu-west-1" }, "my.bucket", "https://s3.eu-west-1.amazonaws.com/my.bucket/k"],
  [
    { region: "eu-west-1", forcePathStyle: true },
    "my-bucket",
    "https://s3.eu-west-1.amazonaws.com/my-bucket/k",
  ],
  [{ endpoint: "https://s3.example/base/" }, "my-bucket", "https://s3.example/base/my-bucket/k"],
  [
    { endpoint: "https://s3.example:9000", forcePathStyle: false },
    "my-bucket",
    "https://my-bucket.s3.example:9000/k",
  ],
])("%j: the bucket %s is at %s", async (options, bucket, url) => {
  const asked: string[] = [];
  const fetch = async (at: string) => {
    asked.push(at);
    return ok();
  };
  const client = new LightS3Client({ credentials, fetch, ...options });
  await new LightService(client, bucket).head("k", callOf().signal);
  expect(asked).toEqual([url]);
});
