import { s3Remote } from "@remote-log/s3";
import { serverOrSkip, startMinio } from "@remote-log/servers";
import { describe, expect, test } from "vitest";
import { killOneLog } from "../../core/test/writer/killed-writer.ts";
import { BUCKET, clientFor, newPrefix, withBucket } from "./clients.ts";

// KILL_SEED replays the moments of a run, KILLS asks for more of them.
const seed = Number(process.env["KILL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = Number(process.env["KILLS"] ?? 24);
const logs = 2;

const { skip } = await serverOrSkip("minio");

describe.skipIf(skip)("a writer whose remote is on MinIO", () => {
  test(`${kills} kills -9 at any moment lose, double and fork nothing (KILL_SEED=${seed})`, async () => {
    const server = await withBucket(startMinio());
    const { endpoint, region, credentials } = server;
    const { client } = clientFor(server);
    const rounds = Math.ceil(kills / logs);
    const remoteIn = (): ReturnType<Parameters<typeof killOneLog>[0]["remoteIn"]> => {
      const prefix = newPrefix();
      const place = JSON.stringify({ endpoint, region, credentials, bucket: BUCKET, prefix });
      return {
        worker: { module: new URL("kill-remote.mjs", import.meta.url).href, place },
        open: () => s3Remote({ client, bucket: BUCKET, prefix, label: "s3" }),
      };
    };
    const results = await Promise.all(
      Array.from({ length: logs }, (_, number) => killOneLog({ seed: seed + number, rounds, remoteIn })),
    );
    for (const { acknowledged, sent } of results) {
      expect(acknowledged).toBeGreaterThan(rounds);
      expect(sent).toBeGreaterThan(rounds / 4);
    }
  });
});
