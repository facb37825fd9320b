import { createHash } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Address } from "@remote-log/core";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import type { S3Server } from "@remote-log/servers";
import { type CountsOfTasks, logTasks, type Service } from "../remote/log-tasks.ts";
import { RequestCounter } from "../remote/request-counter.ts";
import { TrafficRecorder } from "../remote/traffic.ts";
import type { Task } from "../task.ts";

/**
 * A log in a bucket, each task beside the bare requests for the same bytes, by the same client.
 *
 * @param server - where the bucket is
 */
export function bucketTasks(
  { endpoint, region, credentials }: S3Server,
  bucket: string,
  folder: string,
  counts: CountsOfTasks,
): Task[] {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const counter = new RequestCounter();
  const traffic = new TrafficRecorder();
  client.middlewareStack.add(
    (next) => (args) => {
      counter.count((args.request as { readonly method: string }).method);
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  let places = 0;
  const keyOf = (prefix: string, digest: Uint8Array): string =>
    `${prefix}/contents/${Buffer.from(digest).toString("hex")}`;
  const service: Service<string> = {
    counter,
    traffic,
    newPlace: () => `place-${places++}`,
    writing: async (prefix) => traffic.watch(await openS3Remote({ client, bucket, prefix })),
    putFloor: "the same bytes, bare PUT",
    publishGoal: { most: 1.5 },
    async put(prefix, bytes) {
      const key = keyOf(prefix, createHash("sha256").update(bytes).digest());
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    ways: [
      {
        name: "catch up",
        floor: "the same bytes, bare GET",
        goal: { most: 1.5 },
        open: (prefix) => traffic.watch(s3Remote({ client, bucket, prefix })),
        watched: true,
        async get(prefix, address) {
          const key = keyOf(prefix, Address.fromString(address).digest);
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
          await Body!.transformToByteArray();
        },
      },
    ],
  };
  return logTasks(service, folder, counts);
}
