import { s3Remote } from "@remote-log/s3";
import { publicS3RemoteFromUri } from "@remote-log/s3/public";
import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { clientFor, newPrefix, ownServer } from "../clients.ts";

test.each([
  ["s3://my-bucket/logs/alice?region=eu-west-1", "https://my-bucket.s3.eu-west-1.amazonaws.com/logs/alice"],
  ["s3://my-bucket?region=cn-north-1", "https://my-bucket.s3.cn-north-1.amazonaws.com.cn"],
  ["s3://my-bucket/a%20b", "https://my-bucket.s3.amazonaws.com/a%20b"],
  ["s3://my.bucket/p?region=us-east-1", "https://s3.us-east-1.amazonaws.com/my.bucket/p"],
  ["s3://Bucket_1?endpoint=http://s3.example:9000/", "http://s3.example:9000/Bucket_1"],
  ["s3://bucket/p%3F%23?endpoint=https://s3.example/base", "https://s3.example/base/bucket/p%3F%23"],
])("%s is read at %s, and nothing but GET is sent", async (uri, url) => {
  const sent: string[] = [];
  const remote = publicS3RemoteFromUri(uri, {
    fetch: async (at, { method, headers }) => {
      sent.push(`${method} ${at.slice(0, url.length)} ${Object.keys(headers as object).join()}`);
      return new Response(null, { status: 404 });
    },
  });
  expect(await remote.names.resolve("log")).toEqual({ status: "absent" });
  expect(sent).toEqual([`GET ${url} accept-encoding`]);
});

test("neither the environment nor a profile has a say", async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_REGION: "eu-north-1",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_PROFILE: "x",
  });
  try {
    expect(publicS3RemoteFromUri("s3://my-bucket").label).toBe("https://my-bucket.s3.amazonaws.com");
  } finally {
    process.env = before;
  }
});

test.each([
  "s3://b",
  "s3://bucket?endpoint=ftp://h",
  "s3://user@bucket",
  "s3://bucket?endpoint=http://u:p@h",
  "x",
])("%s is refused", (uri) => {
  expect(() => publicS3RemoteFromUri(uri)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test("what was written with credentials is read by the same URI without them", async () => {
  const server = await ownServer({ publicRead: ["open-to-all"] });
  const [bucket, prefix] = ["open-to-all", newPrefix()];
  const own = s3Remote({ client: clientFor(server).client, bucket, prefix });
  const revision = await own.names.update("log", bytes("one"), { expected: null });
  const remote = publicS3RemoteFromUri(`s3://${bucket}/${prefix}?endpoint=${server.endpoint}`);
  expect(await remote.names.resolve("log")).toEqual({ status: "found", content: bytes("one"), revision });
});
