import { addressOf, compareAndSetOf, openReader, rawSha256 } from "@remote-log/core";
import { openS3Remote, probeS3, s3Names, s3Storage } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { answer, bytes, failure, type Script } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { BUCKET, clientFor } from "./clients.ts";

/** A place at a web server, which is stopped after the tests of the file. */
async function placeAt(script: Script) {
  const server = await scriptedServer(script);
  const endpoint = server.url;
  const credentials = { accessKeyId: "remote-log", secretAccessKey: "nobody checks it" };
  const { client, requests } = clientFor({ endpoint, region: "us-east-1", credentials });
  return { at: { client, bucket: BUCKET }, endpoint, requests, server };
}

/** What answers in place of a service: a network that wants a password first, or a site with one page for all. */
const page = answer(200, "text/html", "<!doctype html><html><body>Log in</body></html>");

/** Zeros without end. */
async function* zeros(): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(65_536);
  for (;;) yield piece;
}

test("a page that answers everything with 200 has stored nothing", async () => {
  const { at } = await placeAt(page);
  const putting = s3Storage(at).put(bytes("hello"));
  expect(await failure(putting)).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
    retry: "safe",
  });
});

test("a service whose ETag can't be seen has stored what it shows afterwards", async () => {
  const { at, requests } = await placeAt(({ method }) => ({
    headers: { "content-length": method === "HEAD" ? 5 : 0 },
  }));
  const storage = s3Storage(at);
  expect(`${await storage.put(bytes("hello"))}`).toBe(`${await addressOf(bytes("hello"), rawSha256)}`);
  expect(requests()).toBe(2);
  expect(await failure(storage.put(bytes("hello again")))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a page that is no list is not an empty list", async () => {
  const { at } = await placeAt(page);
  const list = async () => {
    for await (const address of s3Storage(at).list()) expect(address).toBeUndefined();
  };
  expect(await failure(list())).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
    operation: "storage.list",
  });
});

/** A page of a list that says that there is more, and perhaps where. */
const listPage = (token: string | undefined) =>
  answer(
    200,
    "application/xml",
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>${
      token === undefined ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`
    }</ListBucketResult>`,
  );

test.each([
  ["nowhere, on its first page", [undefined]],
  ["nowhere, on its second page", ["second", undefined]],
  ["at the page that was just read", ["second", "second"]],
])("a list that continues %s is not taken for a whole one", async (_, tokens) => {
  let page = 0;
  const { at, requests } = await placeAt(() => listPage(tokens[page++]));
  const list = async () => {
    for await (const address of s3Storage(at).list()) expect(address).toBeUndefined();
  };
  expect(await failure(list())).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "incomplete-list",
    operation: "storage.list",
  });
  expect(requests()).toBe(tokens.length);
});

test("a page says nothing of conditional writes, and the next answer counts", async () => {
  const { at } = await placeAt(page);
  const isPage = { code: "ERR_UNREACHABLE", reason: "web-page", retry: "safe" };
  expect(await failure(probeS3(at))).toMatchObject({ ...isPage, operation: "s3.probe" });
  const asking = await failure(compareAndSetOf((await openS3Remote(at)).names));
  expect(asking.message).toContain("endpoint");
  for (const compareAndSet of ["atomic", "probed", "none"] as const) {
    const updating = s3Names({ ...at, compareAndSet }).update("log", bytes("x"), { expected: null });
    const failed = await failure(updating);
    expect(failed).toMatchObject({ ...isPage, operation: "names.update" });
    expect(failed.message).toContain("password");
  }
});

test("a page that says yes to a removal has removed nothing", async () => {
  const { at } = await placeAt(page);
  const removing = s3Storage(at).delete(await addressOf(bytes("hello"), rawSha256));
  expect(await failure(removing)).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
    retry: "safe",
  });
});

test("an answer without an ETag and without a page says that the ETag can't be read", async () => {
  const { at } = await placeAt({ status: 200 });
  expect(await failure(probeS3(at))).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "no-etag" });
});

test("a network that wants a password first says so with 511", async () => {
  const { at } = await placeAt({ status: 511 });
  const failed = await failure(s3Names(at).resolve("log"));
  expect(failed).toMatchObject({ code: "ERR_UNREACHABLE", reason: "web-page", retry: "safe" });
  expect(failed.message).toContain("password");
});

test.each([
  ["a page is no answer of the log", page, "ERR_UNREACHABLE"],
  ["a text is an error of the log", answer(200, "text/plain", "Log in <html>"), "ERR_MALFORMED"],
])("a name that holds %s, and no crash", async (_, held, code) => {
  const { endpoint } = await placeAt(held);
  const remotes = [publicS3Remote({ url: endpoint })];
  await using reader = await openReader({ logId: "0".repeat(64), remotes, retries: 0 });
  expect(await failure(reader.sync())).toMatchObject({ code });
});

test.each([
  ["of 10,000 characters", `"${"x".repeat(10_000)}"`],
  ["with a quote inside", '"a"b"'],
  ["that is not ASCII", '"\u00e9"'],
  ["that means any", "*"],
])("an ETag %s is no revision", async (_, etag) => {
  const { at, endpoint } = await placeAt({ headers: { etag }, body: "one" });
  expect(await failure(s3Names(at).resolve("log"))).toMatchObject({ code: "ERR_UNSUPPORTED" });
  const found = await publicS3Remote({ url: endpoint }).names.resolve("log");
  expect(found).toMatchObject({ status: "found", revision: expect.stringMatching(/^sha256:/) as string });
});

test("304 is no answer to who sent no condition", async () => {
  const { at, endpoint } = await placeAt({ status: 304, headers: { etag: '"x"' } });
  expect(await failure(s3Names(at).resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE" });
  const { names } = publicS3Remote({ url: endpoint });
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a checksum that did not match is not one that the service doesn't know: nothing is sent without", async () => {
  const message = "The checksum did not match the bytes that came.";
  const body = `<Error><Code>InvalidRequest</Code><Message>${message}</Message></Error>`;
  const { at, requests } = await placeAt({ status: 400, body });
  expect(await failure(s3Storage(at).put(bytes("hello")))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(requests()).toBe(1);
});

test("what is longer than the limit, and what ignores the range, is not read on, and its connection is closed", async () => {
  const { at, server } = await placeAt(() => ({
    // The SDK wraps a body that comes with a checksum.
    headers: { "content-length": 5 * 2 ** 30, etag: '"x"', "x-amz-checksum-crc32": "AAAAAA==" },
    body: zeros(),
  }));
  const address = await addressOf(bytes("hello"), rawSha256);
  expect(await s3Storage(at).has(address)).toBe(true);
  expect(await failure(s3Storage(at).get(address))).toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(await s3Names(at).resolve("log", { known: '"x"' })).toMatchObject({ status: "unchanged" });
  await expect.poll(() => server.active.now, { timeout: 60_000 }).toBe(0);
  expect(server.sentBytes()).toBeLessThan(100_000_000);
});
