// Opening needs no network: what has to be asked of a service is asked when it is first needed.

import { compareAndSetOf, generateSeed, openWriter } from "@remote-log/core";
import { openS3Remote, openS3RemoteFromUri, s3RemoteFromUri } from "@remote-log/s3";
import { bytes, failure, NEVER } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

// What the openers by URI take from the environment.
process.env["AWS_ACCESS_KEY_ID"] = "remote-log";
process.env["AWS_SECRET_ACCESS_KEY"] = "nobody checks it";

const server = await ownServer();
const silent = await scriptedServer(NEVER);
const uri = `s3://${BUCKET}/log?endpoint=${encodeURIComponent(silent.url)}`;

const silentPlace = () => {
  const { client } = clientFor({ ...server, endpoint: silent.url });
  return { client, bucket: BUCKET, prefix: newPrefix(), answerMilliseconds: 200 };
};

test.each([
  ["openS3Remote", () => openS3Remote(silentPlace())],
  ["openS3RemoteFromUri", () => openS3RemoteFromUri(uri, { answerMilliseconds: 200 })],
  ["s3RemoteFromUri", async () => s3RemoteFromUri(uri, { answerMilliseconds: 200 })],
])("%s asks nobody, and the first use of an endpoint that hangs ends in time", async (_, open) => {
  const before = silent.connections.total;
  const { names, storage } = await open();
  expect(silent.connections.total).toBe(before);
  const late = { code: "ERR_TIMEOUT", retry: "safe" };
  expect(await failure(names.update("log", bytes("x"), { expected: null }))).toMatchObject(late);
  expect(await failure(names.resolve("log", { maxBytes: 64 }))).toMatchObject(late);
  if (names.capabilities.compareAndSet === "probed") {
    expect(await failure(compareAndSetOf(names))).toMatchObject({ ...late, operation: "names.probe" });
  }
  await storage.close?.();
  await names.close?.();
});

test("a writer whose only remote hangs acknowledges what is appended, and publishes it later", async () => {
  const network = await scriptedServer(NEVER);
  const at = { bucket: BUCKET, prefix: newPrefix() };
  const { client } = clientFor(server);
  let isAway = true;
  client.middlewareStack.add(
    (next) => (args) => {
      const { hostname, port } = new URL(network.url);
      if (isAway) Object.assign(args.request as object, { hostname, port: Number(port) });
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "away" },
  );
  const remote = await openS3Remote({ ...at, client });
  await using writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    publish: "manual",
  });
  await writer.append(bytes("offline"));
  expect(network.requests).toHaveLength(0);
  expect(writer.size).toBe(1);
  const publishing = writer.publish();
  await expect.poll(() => network.requests.length, { timeout: 60_000 }).toBeGreaterThan(0);
  // The network is another one now: what hung there is cut off, and asked again.
  isAway = false;
  await network.stop();
  await publishing;
  expect(writer.status().remotes[0]).toMatchObject({ published: 1, confirmed: 1 });
});
