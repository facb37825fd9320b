import { openS3RemoteFromUri, s3Names, s3Remote, s3RemoteFromUri, s3Storage } from "@remote-log/s3";
import { bytes, closedUrl, failure } from "@remote-log/test-kit";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseS3Uri } from "../src/uri.ts";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer();
const { client } = clientFor(server);
const saved = { ...process.env };

beforeEach(() => {
  process.env["AWS_ACCESS_KEY_ID"] = server.credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = server.credentials.secretAccessKey;
});

afterEach(() => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
});

test.each([
  ["s3://bucket", { bucket: "bucket", prefix: "" }],
  ["s3://bucket/", { bucket: "bucket", prefix: "" }],
  ["s3://my-bucket.example/logs/alice/", { bucket: "my-bucket.example", prefix: "logs/alice" }],
  ["s3://bucket/a%20b/%C3%A9?region=eu-west-1", { bucket: "bucket", prefix: "a b/é", region: "eu-west-1" }],
  [
    "s3://bucket/x?endpoint=https://s3.example.com:9000&region=auto",
    { bucket: "bucket", prefix: "x", endpoint: "https://s3.example.com:9000", region: "auto" },
  ],
  [
    "s3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A9000",
    { bucket: "bucket", endpoint: "http://127.0.0.1:9000" },
  ],
  ["s3://bucket?compare-and-set=none", { bucket: "bucket", compareAndSet: "none" }],
])("%s is read", (uri, expected) => {
  expect(parseS3Uri(uri)).toMatchObject(expected);
});

const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";

test.each([
  ["", "s3://"],
  ["https://bucket/x", "s3://"],
  ["s3:bucket", "s3://"],
  ["S3://bucket", "s3://"],
  ["xs3://bucket", "s3://"],
  ["https://host/s3://bucket", "s3://"],
  ["s3://", "no bucket"],
  ["s3:///prefix", "no bucket"],
  [`s3://AKIA1234:${secret}@bucket/x`, "credentials"],
  [`s3://${secret}@bucket/x`, "credentials"],
  [`s3://bucket/x?secret=${secret}`, "parameter"],
  [`s3://bucket/x?accessKeyId=${secret}`, "parameter"],
  ["s3://bucket/x?Region=eu-west-1", "parameter"],
  ["s3://bucket/x?", "parameter"],
  ["s3://bucket/x?region=eu-west-1&region=eu-west-2", "twice"],
  ["s3://bucket/x?region=", "region"],
  ["s3://bucket/x?region=eu west", "white space"],
  ["s3://bucket/x?compare-and-set=atomic", "compare-and-set"],
  ["s3://bucket/x?region=a/../b", "region"],
  ["s3://bucket/x?endpoint=s3.example.com", "endpoint"],
  ["s3://bucket/x?endpoint=ftp://s3.example.com", "endpoint"],
  [`s3://bucket/x?endpoint=https://me:${secret}@s3.example.com`, "credentials"],
  [`s3://bucket/x?endpoint=https://${secret}@s3.example.com`, "credentials"],
  [`s3://bucket/x?endpoint=https://:${secret}@s3.example.com`, "credentials"],
  [`s3://bucket/x?endpoint=https://s3.example.com/?token=${secret}`, "query"],
  [`s3://bucket/x#${secret}`, "fragment"],
  ["s3://bucket//x", "prefix"],
  ["s3://bucket/../x", "prefix"],
  ["s3://bucket/a/./x", "prefix"],
  ["s3://bucket/a%2F..%2Fx", "encoded slash"],
  ["s3://bucket/%E0%A4%A", "decoded"],
  ["s3://bucket/%00", "control character"],
  ["s3://bucket/a\nb", "control character"],
  ["s3://bucket\\x", "backslash"],
  ["s3://ab", "3 to 63"],
  [`s3://${"b".repeat(64)}`, "3 to 63"],
  ["s3://bücket/x", "3 to 63"],
  ["s3://bucket:9000/x", "3 to 63"],
])("%j is refused, without repeating what may be secret", (uri, why) => {
  let error: unknown;
  try {
    s3RemoteFromUri(uri);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "s3.open" });
  expect(String(error)).toContain(why);
  expect(String(error)).not.toContain(secret);
});

test("no text makes the parser throw anything but ERR_INVALID_INPUT, and what it takes is one place", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.webUrl().map((url) => url.replace(/^https?/, "s3")),
    fc
      .array(
        fc.constantFrom("s3://", "b", "bucket", "/", "?", "region=", "&", "%2F", "%", "@", ":", "..", "#"),
      )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (uri) => {
      try {
        const place = parseS3Uri(uri);
        expect(place.prefix.split("/")).not.toContain("..");
        expect(place.bucket).not.toMatch(/[@/?#]/);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
      }
    }),
    { numRuns: 2000 },
  );
});

test("a remote from a URI works against another service, with the credentials of the environment", async () => {
  const prefix = newPrefix();
  const remote = s3RemoteFromUri(`s3://${BUCKET}/${prefix}?endpoint=${server.endpoint}`, { label: "mine" });
  expect(remote.label).toBe("mine");
  const address = await remote.storage.put(bytes("hello"));
  const revision = await remote.names.update("log", address.bytes, { expected: null });
  const same = s3Remote({ client, bucket: BUCKET, prefix });
  expect(same.label).toBe(`s3://${BUCKET}/${prefix}`);
  expect(await same.storage.get(address)).toEqual(bytes("hello"));
  expect(await same.names.resolve("log")).toMatchObject({ revision });
  await remote.storage.close?.();
  expect(await remote.names.resolve("log")).toMatchObject({ revision });
  await remote.names.close?.();
  expect(await failure(remote.names.resolve("log"))).toMatchObject({ code: "ERR_CLOSED" });
});

test("a remote without credentials says where they may come from", async () => {
  delete process.env["AWS_ACCESS_KEY_ID"];
  delete process.env["AWS_SECRET_ACCESS_KEY"];
  const settings = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  Object.assign(process.env, settings);
  try {
    const remote = s3RemoteFromUri(`s3://${BUCKET}?endpoint=${server.endpoint}`);
    const error = await failure(remote.names.resolve("log"));
    expect(error).toMatchObject({ code: "ERR_DENIED" });
    expect(error.message).toContain("AWS_ACCESS_KEY_ID");
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
    Object.assign(process.env, saved);
  }
});

test.each(["/x", "x/", "a//b", ".", "a/../b", "a\\b", "a\nb", "\ud800", "x".repeat(901)])(
  "the prefix %j is refused",
  (prefix) => {
    const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
    for (const open of [s3Storage, s3Names, s3Remote]) {
      expect(() => open({ client, bucket: BUCKET, prefix })).toThrow(refused);
    }
  },
);

test.each([-1, 1.5, Number.NaN, 2 ** 31])("the limit %d is refused", (largestContent) => {
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
  for (const open of [s3Storage, s3Names]) {
    expect(() => open({ client, bucket: BUCKET, largestContent })).toThrow(refused);
  }
});

test("the limits are 64 MiB and 1 MiB where nothing else is said", () => {
  const { storage, names } = s3Remote({ client, bucket: BUCKET });
  expect([storage.capabilities.largestContent, names.capabilities.largestContent]).toEqual([
    64 * 1024 * 1024,
    1024 * 1024,
  ]);
});

test("a URI that says so declares no compare-and-set", () => {
  const remote = s3RemoteFromUri("s3://bucket/x?region=us-east-1&compare-and-set=none");
  expect(remote.names.capabilities.compareAndSet).toBe("none");
  expect(s3RemoteFromUri("s3://bucket/x?region=us-east-1").names.capabilities.compareAndSet).toBe("atomic");
});

test("a remote from a URI sends its requests by a fetch that it is given, and tells why that failed", async () => {
  const asked: string[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.push(`${init.method} ${url}`);
    return globalThis.fetch(url, init);
  };
  const at = (endpoint: string): string =>
    `s3://${BUCKET}/${newPrefix()}?endpoint=${encodeURIComponent(endpoint)}`;
  const writing = await openS3RemoteFromUri(at(server.endpoint), { fetch });
  const address = await writing.storage.put(bytes("hello"));
  expect(await writing.storage.get(address)).toEqual(bytes("hello"));
  expect(asked.filter((one) => one.startsWith(`PUT ${server.endpoint}/`))).toHaveLength(1);
  const reading = s3RemoteFromUri(at(await closedUrl()), { fetch });
  expect(await failure(reading.storage.get(address))).toMatchObject({ reason: "no-answer" });
});
