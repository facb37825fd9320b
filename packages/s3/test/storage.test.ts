import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { addressOf, rawSha256 } from "@remote-log/core";
import { RetryBudget } from "@remote-log/core/adapter";
import { s3Storage } from "@remote-log/s3";
import { denied, internalError, type S3Fault, slowDown } from "@remote-log/servers";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer({ maximumObjectBytes: 1024 * 1024 });

function opened(largestContent?: number) {
  const { client, requests } = clientFor(server);
  const prefix = newPrefix();
  const options = { client, bucket: BUCKET, prefix, ...(largestContent !== undefined && { largestContent }) };
  return { client, requests, prefix, storage: s3Storage(options) };
}

const keyOf = (prefix: string, content: Uint8Array) =>
  `${prefix}/contents/${createHash("sha256").update(content).digest("hex")}`;

/** Puts an object as another tool would: with these bytes, whatever its key says. */
async function plant(client: ReturnType<typeof clientFor>["client"], key: string, body: Uint8Array) {
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

/** Adds a fault for the requests about one prefix. */
function broken(prefix: string, fault: S3Fault, times = Number.POSITIVE_INFINITY) {
  return server.faults.add(fault, { when: ({ key }) => key.startsWith(prefix), times });
}

test("a content is one object, called by its SHA-256, and carries that checksum", async () => {
  const { client, prefix, storage } = opened();
  await storage.put(bytes("hello"));
  const head = await client.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(prefix, bytes("hello")), ChecksumMode: "ENABLED" }),
  );
  expect(head.ContentLength).toBe(5);
  expect(head.ChecksumSHA256).toBe(createHash("sha256").update("hello").digest("base64"));
});

test("an object that was cut short is not taken for the content: put mends it", async () => {
  const { client, prefix, storage } = opened();
  await plant(client, keyOf(prefix, bytes("hello")), bytes("hel"));
  const address = await storage.put(bytes("hello"));
  expect(await storage.get(address)).toEqual(bytes("hello"));
});

test("an object with other bytes of the same length is not taken for the content: put mends it", async () => {
  const { client, prefix, storage } = opened();
  await plant(client, keyOf(prefix, bytes("hello")), bytes("jelly"));
  const address = await addressOf(bytes("hello"), rawSha256);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  await storage.put(bytes("hello"));
  expect(await storage.get(address)).toEqual(bytes("hello"));
});

test("what is there already costs a look at its headers, and is not written again", async () => {
  const { storage, requests, prefix } = opened();
  await storage.put(bytes("hello"));
  const before = requests();
  await storage.put(bytes("hello"));
  expect(requests() - before).toBe(2);
  const written = server.requests.list({ operation: "PutObject", status: 200 });
  expect(written.filter(({ key }) => key.startsWith(prefix))).toHaveLength(1);
});

test("where the service does not know conditions, contents are written without", async () => {
  const { storage, prefix, requests } = opened();
  const notImplemented = { status: 501, code: "NotImplemented", message: "A header you provided …" } as const;
  broken(prefix, { kind: "error", ...notImplemented, conditionalWritesOnly: true });
  const address = await storage.put(bytes("hello"));
  expect(await storage.get(address)).toEqual(bytes("hello"));
  const before = requests();
  await storage.put(bytes("more"));
  expect(requests() - before).toBe(1);
});

test("where the service refuses the checksum, contents are written without, and still checked when read", async () => {
  const { storage, client, requests } = opened();
  const seen: boolean[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      if ((args.request as { method: string }).method === "PUT")
        seen.push("x-amz-checksum-sha256" in headers);
      if (!("x-amz-checksum-sha256" in headers)) return next(args);
      const message = "Unsupported header 'x-amz-checksum-sha256' received for this API call.";
      throw Object.assign(new Error(message), {
        name: "InvalidArgument",
        $metadata: { httpStatusCode: 400 },
        $fault: "client",
      });
    },
    { step: "finalizeRequest", priority: "low", name: "refuseChecksum" },
  );
  const address = await storage.put(bytes("hello"));
  expect(await storage.get(address)).toEqual(bytes("hello"));
  const before = requests();
  await storage.put(bytes("more"));
  expect(requests() - before).toBe(1);
  expect(seen).toEqual([true, false, false]);
});

test("another write of the same content under way (409) is waited for", async () => {
  const { storage, prefix } = opened();
  const conflict = broken(
    prefix,
    { kind: "error", status: 409, code: "ConditionalRequestConflict", message: "…" },
    3,
  );
  const address = await storage.put(bytes("hello"));
  expect(conflict.hits).toBe(3);
  expect(await storage.get(address)).toEqual(bytes("hello"));
});

test("a reply that was lost is settled by who repeats within a budget: put resolves", async () => {
  const { storage, prefix } = opened();
  const lost = broken(prefix, { kind: "reply-lost" }, 1);
  const address = await new RetryBudget().run(() => storage.put(bytes("hello")));
  expect(lost.hits).toBe(1);
  expect(await storage.get(address)).toEqual(bytes("hello"));
});

test("has is false only where the bucket is there and the object is not", async () => {
  const { storage, client } = opened();
  const address = await addressOf(bytes("never"), rawSha256);
  expect(await storage.has(address)).toBe(false);
  const elsewhere = s3Storage({ client, bucket: "no-such-bucket" });
  expect(await failure(elsewhere.has(address))).toMatchObject({ code: "ERR_INVALID_INPUT", retry: "never" });
  expect(await failure(elsewhere.get(address))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(await failure(elsewhere.put(bytes("x")))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("has takes one byte of a large content, and an empty one is there, too", async () => {
  const { storage, prefix } = opened();
  const large = await storage.put(new Uint8Array(500_000));
  const empty = await storage.put(new Uint8Array(0));
  expect(await storage.has(large)).toBe(true);
  expect(await storage.has(empty)).toBe(true);
  const reads = server.requests.list({ operation: "GetObject" }).filter(({ key }) => key.startsWith(prefix));
  for (const { bytesOut } of reads) expect(bytesOut).toBeLessThan(1000);
});

test("where missing objects are 403, that is a refusal which says so, not an absence", async () => {
  const { storage, prefix } = opened();
  const address = await addressOf(bytes("never"), rawSha256);
  broken(prefix, denied());
  for (const doing of [storage.has(address), storage.get(address)]) {
    const error = await failure(doing);
    expect(error).toMatchObject({ code: "ERR_DENIED" });
    expect(error.message).toContain("s3:ListBucket");
  }
});

test("a content larger than maxBytes is refused by its declared length, without reading it", async () => {
  const { storage, prefix } = opened();
  const address = await storage.put(new Uint8Array(900_000));
  // It would take an hour.
  broken(prefix, { kind: "slow-body", bytes: 1000, everyMs: 4000 });
  expect(await failure(storage.get(address, { maxBytes: 899_999 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 899_999,
  });
});

test("a content over largestContent is refused before anything is sent, one over the service's limit after", async () => {
  const small = opened(10);
  expect(await failure(small.storage.put(new Uint8Array(11)))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 10,
  });
  expect(small.requests()).toBe(0);
  const { storage } = opened();
  expect(await failure(storage.put(new Uint8Array(1024 * 1024 + 1)))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 1024 * 1024,
  });
});

test("changed bytes are ERR_INTEGRITY, whether the SDK notices them or the address", async () => {
  for (const responseChecksumValidation of ["WHEN_SUPPORTED", "WHEN_REQUIRED"] as const) {
    const { client } = clientFor(server, { responseChecksumValidation });
    const prefix = newPrefix();
    const storage = s3Storage({ client, bucket: BUCKET, prefix });
    const address = await storage.put(bytes("hello"));
    broken(prefix, { kind: "corrupt-body" });
    expect(await failure(storage.get(address))).toMatchObject({
      code: "ERR_INTEGRITY",
      operation: "storage.get",
    });
  }
});

test("a body that is cut off is no content: ERR_UNREACHABLE, and may be tried again", async () => {
  const { storage, prefix } = opened();
  const address = await storage.put(new Uint8Array(100_000));
  broken(prefix, { kind: "truncated-body", bytes: 5000 }, 1);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  expect(await storage.get(address)).toHaveLength(100_000);
});

test.each([
  ["that never answers", { kind: "never-answers" }],
  ["that drips", { kind: "slow-body", bytes: 1, everyMs: 1000 }],
] as const)("an abort ends a get from a service %s, with its own reason", async (_, fault) => {
  const { storage, prefix } = opened();
  const address = await storage.put(new Uint8Array(100_000));
  const added = broken(prefix, fault);
  const controller = new AbortController();
  const reason = { why: "enough" };
  const reading = failure(storage.get(address, { signal: controller.signal }));
  await expect.poll(() => added.hits, { timeout: 60_000 }).toBe(1);
  controller.abort(reason);
  expect(await reading).toBe(reason);
  await storage.close();
});

test("an abort ends a put, a has and a list that are never answered", async () => {
  const { storage, prefix } = opened();
  const address = await storage.put(bytes("hello"));
  const added = server.faults.add({ kind: "never-answers" });
  try {
    const controller = new AbortController();
    const { signal } = controller;
    const list = async () => {
      for await (const one of storage.list({ signal })) expect(one).toBeDefined();
    };
    const doing = [storage.put(bytes("other"), { signal }), storage.has(address, { signal }), list()];
    const endings = Promise.all(doing.map(failure));
    await expect.poll(() => added.hits, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    controller.abort("enough");
    expect(await endings).toEqual(["enough", "enough", "enough"]);
  } finally {
    added.remove();
  }
  expect(prefix).not.toBe("");
});

test("a busy service (503) is asked once, and that it may be asked again is said", async () => {
  const { storage, prefix, requests } = opened();
  broken(prefix, slowDown());
  expect(await failure(storage.put(bytes("hello")))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
  });
  expect(requests()).toBe(1);
});

test("a failing service (500) that recovers is not noticed by who repeats within a budget", async () => {
  const { storage, prefix, requests } = opened();
  broken(prefix, internalError(), 2);
  const address = await new RetryBudget().run(() => storage.put(bytes("hello")));
  expect(requests()).toBe(3);
  expect(await storage.get(address)).toEqual(bytes("hello"));
});

test("list goes through all pages, and passes by what is not a content", async () => {
  const { client, prefix, storage } = opened();
  const contents = Array.from({ length: 25 }, (_, i) => bytes(`content ${i}`));
  const expected = await Promise.all(contents.map(async (content) => `${await storage.put(content)}`));
  await plant(client, `${prefix}/contents/README`, bytes("foreign"));
  await plant(client, `${prefix}/contents/${"A".repeat(64)}`, bytes("foreign"));
  client.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, MaxKeys: 10 } }), {
    step: "initialize",
    name: "smallPages",
  });
  const listed: string[] = [];
  for await (const address of storage.list()) listed.push(`${address}`);
  expect(listed.toSorted()).toEqual(expected.toSorted());
  const pages = server.requests.list({ operation: "ListObjectsV2" });
  expect(pages.length).toBeGreaterThanOrEqual(3);
});

test("list keeps to its own contents, also where another remote's prefix is called contents", async () => {
  const { client, prefix, storage } = opened();
  const own = await storage.put(bytes("own"));
  const inner = s3Storage({ client, bucket: BUCKET, prefix: `${prefix}/contents` });
  await inner.put(bytes("of another remote"));
  const listed: string[] = [];
  for await (const address of storage.list()) listed.push(`${address}`);
  expect(listed).toEqual([`${own}`]);
});

test("a content that was removed by hand is not found, and can be put again", async () => {
  const { storage } = opened();
  const address = await storage.put(bytes("hello"));
  await storage.delete(address);
  await storage.delete(address);
  expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  await storage.put(bytes("hello"));
  expect(await storage.has(address)).toBe(true);
});

test("a client that was passed in stays open when the storage is closed", async () => {
  const { client, prefix, storage } = opened();
  await storage.put(bytes("hello"));
  await storage.close();
  const Key = keyOf(prefix, bytes("hello"));
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  expect(await Body?.transformToString()).toBe("hello");
});

test("close ends what is under way with ERR_CLOSED, also where the service never answers", async () => {
  const { storage, prefix } = opened();
  const silent = broken(prefix, { kind: "never-answers" });
  const putting = failure(storage.put(bytes("hello")));
  await expect.poll(() => silent.hits, { timeout: 60_000 }).toBe(1);
  await storage.close();
  expect(await putting).toMatchObject({ code: "ERR_CLOSED", operation: "storage.put" });
  expect(await failure(storage.put(bytes("late")))).toMatchObject({ code: "ERR_CLOSED" });
});
