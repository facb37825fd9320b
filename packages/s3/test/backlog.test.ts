// A backlog on MinIO, on a network that comes and goes.

import { s3Remote } from "@remote-log/s3";
import { serverOrSkip, startMinio } from "@remote-log/servers";
import { answer } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { everyHundredth, publishInLives } from "../../core/test/writer/backlog-on-server.ts";
import { BUCKET, clientFor, newPrefix, withBucket } from "./clients.ts";

const { skip } = await serverOrSkip("minio");

const slowDown = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

describe.skipIf(skip)("a backlog on MinIO", () => {
  test("processes that end after 250 uploads, and 1 % of all uploads failing: at most 1.2 uploads an object", async () => {
    const server = await withBucket(startMinio());
    const faults = everyHundredth(({ method, path }) => method === "PUT" && path.includes("/contents/"));
    const proxy = await scriptedServer(
      (request) => (faults.fails(request) ? answer(503, "application/xml", slowDown) : undefined),
      { target: server.endpoint },
    );
    // Without tries of the SDK's own.
    const { client } = clientFor(server, { maxAttempts: 1 });
    const there = { hostname: new URL(proxy.url).hostname, port: Number(new URL(proxy.url).port) };
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, there);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low", name: "detour" },
    );
    const place = { bucket: BUCKET, prefix: newPrefix(), label: "s3" };
    const { lives, uploads, objects } = await publishInLives({
      throughProxy: () => s3Remote({ ...place, client }),
      direct: () => s3Remote({ ...place, client: clientFor(server).client }),
      entries: 600,
      uploadsPerLife: 250,
    });
    expect(lives).toBe(3);
    expect(faults.failed()).toBeGreaterThan(3);
    expect(uploads / objects).toBeLessThanOrEqual(1.2);
  });
});
