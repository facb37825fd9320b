import { createBucket, serverOrSkip, startMinio } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { COUNT } from "./processes.ts";
import { visitInTurn } from "./visits.ts";

const { skip } = await serverOrSkip("minio");

describe.skipIf(skip)("with MinIO between them", () => {
  test(`two processes that are never there at once have all ${2 * COUNT} messages, whole and in causal order`, async () => {
    const server = await startMinio();
    atEnd(() => server.stop());
    await createBucket(server, "sync");
    const { endpoint, region, credentials } = server;
    const waiting = await visitInTurn((name) => ({
      kind: "minio",
      name,
      account: { endpoint, region, credentials },
    }));
    expect(waiting).toEqual([{}, {}]);
  });
});
