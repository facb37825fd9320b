import { createHash } from "node:crypto";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { s3Names } from "@remote-log/s3";
import { conflict, type S3Fault } from "@remote-log/servers";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer();

function opened(compareAndSet: "atomic" | "none" = "atomic") {
  const { client, requests } = clientFor(server);
  const prefix = newPrefix();
  return { client, requests, prefix, names: s3Names({ client, bucket: BUCKET, prefix, compareAndSet }) };
}

const keyOf = (prefix: string, name: string) =>
  `${prefix}/names/${createHash("sha256").update(name).digest("hex")}`;

/** A client, or a proxy before the service, that sends a request again if its reply is lost. */
function sendingAgain(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
        if ($metadata?.httpStatusCode !== undefined) throw error;
        return next(args);
      }
    },
    { step: "finalizeRequest", priority: "low", name: "sendAgain" },
  );
}

/** Adds a fault for the writes of one name, or all requests about it. */
function broken(
  key: string,
  fault: S3Fault,
  options: { times?: number; operation?: "PutObject" | "GetObject" } = {},
) {
  const { times = Number.POSITIVE_INFINITY, operation = "PutObject" } = options;
  return server.faults.add(fault, { operation, when: (target) => target.key === key, times });
}

/** A name that holds "one", and its revision. */
async function created() {
  const one = opened();
  const revision = await one.names.update("log", bytes("one"), { expected: null });
  return { ...one, revision, key: keyOf(one.prefix, "log") };
}

test("names of any length and alphabet are kept apart, each in one object", async () => {
  const { names, prefix } = opened();
  const all = [
    "",
    ".",
    "..",
    "../../x",
    "/a",
    "a//b",
    "a\0b",
    "CON",
    "con",
    "x".repeat(4096),
    "é".normalize("NFC"),
  ];
  all.push(
    "é".normalize("NFD"),
    "🪵",
    "سجل",
    "a b",
    "a+b",
    "a%20b",
    "?x=1",
    "#y",
    "line\nbreak",
    "__proto__",
  );
  for (const name of all) await names.update(name, bytes(`of ${name}`), { expected: null });
  for (const name of all) {
    expect(await names.resolve(name)).toMatchObject({ status: "found", content: bytes(`of ${name}`) });
  }
  const keys = server.requests.list({ operation: "PutObject" }).map(({ key }) => key);
  const own = new Set(keys.filter((key) => key.startsWith(`${prefix}/names/`)));
  expect([...own].toSorted()).toEqual(all.map((name) => keyOf(prefix, name)).toSorted());
});

test("a name with half of a surrogate pair is refused before anything is sent", async () => {
  const { names, requests } = opened();
  for (const name of ["\ud800", "a\udc00"]) {
    expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    const updating = names.update(name, bytes(""), { expected: null });
    expect(await failure(updating)).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  expect(requests()).toBe(0);
});

test("our own update, whose reply was lost and which the client sent again, has succeeded", async () => {
  const { client, names, revision, key } = await created();
  sendingAgain(client);
  const lost = broken(key, { kind: "reply-lost" }, { times: 1 });
  const next = await names.update("log", bytes("two"), { expected: revision });
  expect(lost.hits).toBe(1);
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("two"), revision: next });
});

test("our own update, whose reply was lost and whose second try met another write (409), has succeeded", async () => {
  const { client, names, revision, key } = await created();
  sendingAgain(client);
  const lost = broken(key, { kind: "reply-lost" }, { times: 1 });
  let writes = 0;
  const when = (target: { key: string }) => target.key === key && ++writes === 2;
  const inTheWay = server.faults.add(conflict(), { operation: "PutObject", when });
  const next = await names.update("log", bytes("two"), { expected: revision });
  expect([lost.hits, inTheWay.hits]).toEqual([1, 1]);
  expect(await names.resolve("log")).toEqual({ status: "found", content: bytes("two"), revision: next });
});

test("our own update, whose reply was lost and which somebody has overwritten since, is a conflict", async () => {
  const { client, names, revision, key } = await created();
  sendingAgain(client);
  broken(key, { kind: "reply-lost" }, { times: 1 });
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  const readBack = broken(key, { kind: "held", until }, { operation: "GetObject", times: 1 });
  const updating = failure(names.update("log", bytes("two"), { expected: revision }));
  await expect.poll(() => readBack.hits, { timeout: 60_000 }).toBe(1);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes("of another") }));
  letGo();
  expect(await updating).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("of another") });
});

test("our own creation, whose reply was lost, has succeeded", async () => {
  const { client, names, prefix } = opened();
  sendingAgain(client);
  await names.update("other", bytes("x"), { expected: null });
  const lost = broken(keyOf(prefix, "log"), { kind: "reply-lost" }, { times: 1 });
  const revision = await names.update("log", bytes("one"), { expected: null });
  expect(lost.hits).toBe(1);
  expect(await names.resolve("log")).toMatchObject({ revision });
});

test("an update whose reply was lost is sent once, and its outcome is unknown", async () => {
  const { names, revision, key, requests } = await created();
  const lost = broken(key, { kind: "reply-lost" }, { times: 1 });
  const before = requests();
  expect(await failure(names.update("log", bytes("two"), { expected: revision }))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
  });
  expect([lost.hits, requests() - before]).toEqual([1, 1]);
});

test("the same bytes, written by somebody else, are a conflict and not our own success", async () => {
  const { client, prefix, names, revision } = await created();
  await s3Names({ client, bucket: BUCKET, prefix }).update("log", bytes("two"), { expected: revision });
  const late = names.update("log", bytes("two"), { expected: revision });
  expect(await failure(late)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  const creating = names.update("log", bytes("two"), { expected: null });
  expect(await failure(creating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
});

test("where the object carries no mark of who wrote it, equal bytes count as our own", async () => {
  const { client, names, key } = await created();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes("two") }));
  const revision = await names.update("log", bytes("two"), { expected: null });
  expect(await names.resolve("log")).toMatchObject({ revision });
});

test("a name that was removed is a conflict for those who expect a revision, and can be made anew", async () => {
  const { names } = opened();
  const foreign = '"0123456789abcdef0123456789abcdef"';
  const updating = names.update("log", bytes("x"), { expected: foreign });
  expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  await names.update("log", bytes("x"), { expected: null });
});

test.each(["*", "", '"a","b"', "*, *", 'a"b', "x\r\ny: z", "W/*", '""'])(
  "the foreign revision %j is never held, and never sent as a condition",
  async (foreign) => {
    const { names, revision, requests } = await created();
    const before = requests();
    const updating = names.update("log", bytes("x"), { expected: foreign });
    expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(requests()).toBe(before);
    expect(await names.resolve("log", { known: foreign })).toMatchObject({ status: "found", revision });
  },
);

test("a conflict (409) with a write under way is tried again, until the answer is known", async () => {
  const { names, revision, key } = await created();
  const added = broken(key, conflict(), { times: 3 });
  const next = await names.update("log", bytes("two"), { expected: revision });
  expect(added.hits).toBe(3);
  expect(await names.resolve("log")).toMatchObject({ revision: next });
});

test("a 409 that never ends is given up after six tries: ERR_UNREACHABLE", async () => {
  const { names, revision, key } = await created();
  const added = broken(key, conflict());
  const updating = names.update("log", bytes("two"), { expected: revision });
  expect(await failure(updating)).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  expect(added.hits).toBe(6);
});

test("a service that refuses the quotes of its own ETag is given it without, and that is remembered", async () => {
  const { client, names, prefix, requests } = opened();
  let known: string | null = null;
  const added = server.faults.add(
    { kind: "quoted-etag-refused" },
    { when: ({ key }) => key.startsWith(prefix) },
  );
  known = await names.update("log", bytes("one"), { expected: known });
  known = await names.update("log", bytes("two"), { expected: known });
  const before = requests();
  known = await names.update("log", bytes("three"), { expected: known });
  expect(requests() - before).toBe(1);
  expect(await names.resolve("log", { known })).toEqual({ status: "unchanged", revision: known });
  const late = s3Names({ client, bucket: BUCKET, prefix }).update("log", bytes("x"), {
    expected: '"foreign"',
  });
  expect(await failure(late)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  added.remove();
});

test("the quotes are also found out later, by a process that did not make the probe's object", async () => {
  const { names, revision, prefix } = await created();
  const { client } = clientFor(server);
  const added = server.faults.add(
    { kind: "quoted-etag-refused" },
    { when: ({ key }) => key.startsWith(prefix) },
  );
  const later = s3Names({ client, bucket: BUCKET, prefix });
  const next = await later.update("log", bytes("two"), { expected: revision });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("two"), revision: next });
  added.remove();
});

test("without compare-and-set updates carry no condition, and send no probe", async () => {
  const { names, requests, prefix } = opened("none");
  const notImplemented = {
    status: 501,
    code: "NotImplemented",
    message: "…",
    conditionalWritesOnly: true,
  } as const;
  broken(keyOf(prefix, "log"), { kind: "error", ...notImplemented });
  expect(names.capabilities.compareAndSet).toBe("none");
  await names.update("log", bytes("one"), { expected: null });
  await names.update("log", bytes("two"), { expected: "whatever" });
  expect(requests()).toBe(2);
  expect(await names.resolve("log")).toMatchObject({ content: bytes("two") });
});

test("a missing bucket is not an absent name", async () => {
  const { client } = clientFor(server);
  const names = s3Names({ client, bucket: "no-such-bucket" });
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  const updating = names.update("log", bytes("x"), { expected: null });
  expect(await failure(updating)).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "names.update" });
});

test("a 404 that does not say what is missing is no absence", async () => {
  const { names, key } = await created();
  broken(key, { kind: "error", status: 404, code: "NotFound", message: "…" }, { operation: "GetObject" });
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("an ETag that can't be read is refused with the header that CORS has to expose, before the name is changed", async () => {
  const { client, names, prefix, requests } = opened();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      delete (result.response as { headers: Record<string, string> }).headers["etag"];
      return result;
    },
    { step: "deserialize", priority: "low", name: "hideEtag" },
  );
  const error = await failure(names.update("log", bytes("x"), { expected: null }));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED" });
  expect(error.message).toContain("ExposeHeaders");
  expect(requests()).toBeGreaterThan(0);
  const written = server.requests.list({ operation: "PutObject", key: keyOf(prefix, "log") });
  expect(written).toEqual([]);
  await clientFor(server).client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(prefix, "log"), Body: bytes("x") }),
  );
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_UNSUPPORTED" });
});

test("a name larger than maxBytes is refused, one of exactly as many is not", async () => {
  const { names } = await created();
  expect(await failure(names.resolve("log", { maxBytes: 2 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 2,
  });
  expect(await names.resolve("log", { maxBytes: 3 })).toMatchObject({ content: bytes("one") });
});

test("an abort while a conflict is waited for ends the update with its own reason", async () => {
  const { names, revision, key } = await created();
  const added = broken(key, conflict());
  const controller = new AbortController();
  const updating = failure(
    names.update("log", bytes("two"), { expected: revision, signal: controller.signal }),
  );
  await expect.poll(() => added.hits, { timeout: 60_000, interval: 1 }).toBeGreaterThan(0);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await updating).toBe(reason);
});
