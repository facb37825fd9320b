// Test set: mixed
import { compareAndSetOf } from "@remote-log/core";
import { openS3Remote, openS3RemoteFromUri, probeS3, s3Names, s3Remote } from "@remote-log/s3";
import { denied, type S3Fault, serverOrSkip, startMinio, startVersitygw } from "@remote-log/servers";
import { bytes, failure, unhandledDuring } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer, withBucket } from "./clients.ts";

const server = await ownServer();

function place() {
  const { client, requests } = clientFor(server);
  const prefix = newPrefix();
  const putsOf = () =>
    server.requests.list({ operation: "PutObject" }).filter(({ key }) => key.startsWith(prefix));
  const broken = (fault: S3Fault) => server.faults.add(fault, { when: ({ key }) => key.startsWith(prefix) });
  return { at: { client, bucket: BUCKET, prefix }, requests, prefix, putsOf, broken };
}

const notImplemented: S3Fault = {
  kind: "error",
  status: 501,
  code: "NotImplemented",
  message: "A header you provided implies functionality that is not implemented",
  conditionalWritesOnly: true,
};

test("a service that enforces conditions is atomic: 4 requests the first time, then 2, then none", async () => {
  const { at, requests, putsOf, prefix } = place();
  expect(await probeS3(at)).toMatchObject({ compareAndSet: "atomic" });
  expect(requests()).toBe(4);
  const later = clientFor(server);
  expect(await probeS3({ ...at, client: later.client })).toMatchObject({ compareAndSet: "atomic" });
  expect(later.requests()).toBe(2);
  await probeS3({ ...at, client: later.client });
  expect(later.requests()).toBe(2);
  expect(new Set(putsOf().map(({ key }) => key))).toEqual(new Set([`${prefix}/probe`]));
});

test("a service that ignores conditions is not", async () => {
  const { at, broken } = place();
  broken({ kind: "conditions-ignored" });
  expect(await probeS3(at)).toEqual({
    compareAndSet: "none",
    reason: "The service ignores If-Match when it writes.",
  });
});

test("a service that knows If-Match and ignores If-None-Match is not", async () => {
  const { at, prefix } = place();
  let puts = 0;
  server.faults.add(
    { kind: "conditions-ignored" },
    { when: ({ key, operation }) => key.startsWith(prefix) && operation === "PutObject" && ++puts > 1 },
  );
  expect(await probeS3(at)).toMatchObject({
    compareAndSet: "none",
    reason: "The service ignores If-None-Match when it writes.",
  });
});

test("a service that does not know conditions (501) is not", async () => {
  const { at, broken } = place();
  broken(notImplemented);
  const { compareAndSet, reason } = await probeS3(at);
  expect(compareAndSet).toBe("none");
  expect(reason).toContain("NotImplemented");
});

test("callers at the same time share one probe", async () => {
  const { at, requests } = place();
  await Promise.all(Array.from({ length: 10 }, () => probeS3(at)));
  expect(requests()).toBe(4);
});

test("one caller's abort does not end the probe of the others", async () => {
  const { at } = place();
  const controller = new AbortController();
  const given = probeS3({ ...at, signal: controller.signal });
  const other = probeS3(at);
  controller.abort("enough");
  expect(await failure(given)).toBe("enough");
  expect(await other).toMatchObject({ compareAndSet: "atomic" });
});

test("a probe that nobody waits for any more is ended", async () => {
  const { at, broken } = place();
  const silent = broken({ kind: "never-answers" });
  const controllers = [new AbortController(), new AbortController()];
  const asked = controllers.map(({ signal }) => failure(probeS3({ ...at, signal })));
  await expect.poll(() => silent.hits, { timeout: 60_000 }).toBe(1);
  const [first, second] = controllers;
  first!.abort("enough");
  expect(await asked[0]).toBe("enough");
  const third = failure(probeS3({ ...at, signal: second!.signal }));
  second!.abort("enough, too");
  expect(await Promise.all([asked[1], third])).toEqual(["enough, too", "enough, too"]);
  silent.remove();
  // It did not join the one that was ended.
  expect(await probeS3(at)).toMatchObject({ compareAndSet: "atomic" });
});

test("a probe that fails after its caller has gone is nobody's unhandled rejection", async () => {
  const { at, broken, requests } = place();
  broken(denied());
  const unhandled = await unhandledDuring(async () => {
    expect(await failure(probeS3({ ...at, signal: AbortSignal.abort("enough") }))).toBe("enough");
    expect(requests()).toBe(0);
    const controller = new AbortController();
    const asking = failure(probeS3({ ...at, signal: controller.signal }));
    controller.abort("enough");
    expect(await asking).toBe("enough");
    // One elsewhere that ends after them, as they would have.
    const other = place();
    other.broken(denied());
    await failure(probeS3(other.at));
  });
  expect(unhandled).toEqual([]);
});

test("a probe that failed says nothing, and is made again", async () => {
  const { at, broken } = place();
  const refusal = broken(denied());
  expect(await failure(probeS3(at))).toMatchObject({ code: "ERR_DENIED", operation: "s3.probe" });
  refusal.remove();
  expect(await probeS3(at)).toMatchObject({ compareAndSet: "atomic" });
});

test("the first update is refused, and nothing written, where compare-and-set does not work", async () => {
  const { at, broken, putsOf, prefix } = place();
  broken({ kind: "conditions-ignored" });
  const names = s3Names(at);
  expect(names.capabilities.compareAndSet).toBe("atomic");
  const error = await failure(names.update("log", bytes("x"), { expected: null }));
  expect(error).toMatchObject({
    code: "ERR_UNSUPPORTED",
    reason: "no-conditional-writes",
    operation: "names.update",
  });
  expect(error.message).toContain("openS3Remote");
  expect(putsOf().filter(({ key }) => key !== `${prefix}/probe`)).toEqual([]);
  expect(await names.resolve("log")).toEqual({ status: "absent" });
});

test("opening sends nothing, and who asks the remote gets what the probe found", async () => {
  const good = place();
  const { names } = await openS3Remote(good.at);
  expect(names.capabilities.compareAndSet).toBe("probed");
  expect(good.requests()).toBe(0);
  expect(await compareAndSetOf(names)).toBe("atomic");
  expect(await compareAndSetOf(names)).toBe("atomic");
  expect(good.requests()).toBe(4);
  expect(await failure(names.update("log", bytes("x"), { expected: '"0"' }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
  });
  const bad = place();
  bad.broken({ kind: "conditions-ignored" });
  const remote = await openS3Remote({ ...bad.at, label: "bad" });
  expect(remote.label).toBe("bad");
  expect(await compareAndSetOf(remote.names)).toBe("none");
  // A fresh one asks by itself before it writes.
  const fresh = (await openS3Remote({ ...bad.at, client: clientFor(server).client })).names;
  await fresh.update("log", bytes("w"), { expected: "of another service" });
  const revision = await remote.names.update("log", bytes("x"), { expected: null });
  expect(await remote.names.resolve("log", { known: revision })).toMatchObject({ status: "unchanged" });
});

test("opening ends with the reason of its signal", async () => {
  const { at } = place();
  expect(await failure(openS3Remote({ ...at, signal: AbortSignal.abort("enough") }))).toBe("enough");
});

test("a reader sends no probe, and nothing at all before it reads", async () => {
  const { at, requests, putsOf } = place();
  const remote = s3Remote(at);
  expect(requests()).toBe(0);
  expect(await remote.names.resolve("log")).toEqual({ status: "absent" });
  expect(requests()).toBe(1);
  expect(putsOf()).toEqual([]);
});

test("a service where nobody listens is no verdict", async () => {
  const remote = await openS3RemoteFromUri(
    "s3://bucket/x?region=us-east-1&endpoint=http%3A%2F%2F127.0.0.1%3A1",
  );
  const error = await failure(compareAndSetOf(remote.names));
  expect(["ERR_UNREACHABLE", "ERR_DENIED"]).toContain(error.code);
});

const minio = await serverOrSkip("minio", { smoke: true });
test.skipIf(minio.skip)("MinIO is atomic", { timeout: 240_000 }, async () => {
  const { client } = clientFor(await withBucket(startMinio()));
  expect(await probeS3({ client, bucket: BUCKET })).toMatchObject({ compareAndSet: "atomic" });
});

const versitygw = await serverOrSkip("versitygw", { smoke: true });
test.skipIf(versitygw.skip)("versitygw is known by its name not to be", { timeout: 240_000 }, async () => {
  const { client } = clientFor(await withBucket(startVersitygw()));
  const { compareAndSet, reason } = await probeS3({ client, bucket: BUCKET });
  expect(compareAndSet).toBe("none");
  expect(reason).toContain("VERSITYGW");
});
