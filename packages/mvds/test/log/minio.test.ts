// Devices that meet in buckets of MinIO alone.

import { S3Client } from "@aws-sdk/client-s3";
import { s3Remote } from "@remote-log/s3";
import { createBucket, serverOrSkip, startMinio } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { converge } from "./converge.ts";

const { skip } = await serverOrSkip("minio");

describe.skipIf(skip)("on MinIO", () => {
  test("devices that are never online together deliver everything once and are silent", async () => {
    const server = await startMinio();
    atEnd(() => server.stop());
    await createBucket(server, "sync");
    const { endpoint, region, credentials } = server;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    atEnd(() => client.destroy());
    const waiting = await converge({
      remoteOf: (name) => s3Remote({ bucket: "sync", prefix: name, label: name, client }),
      node: { order: "consistent" },
    });
    expect(waiting).toEqual([{}, {}, {}]);
  });
});
