// The life of a log on every kind of remote that a runtime can reach.

import { S3Client } from "@aws-sdk/client-s3";
import { generateSeed, type Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { openS3Remote } from "@remote-log/s3";
import { tableDatabase } from "./table-database.ts";
import { wholeLife } from "./whole-life.ts";

/** A bucket, and who may use it. */
export interface Bucket {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Lives through the life of a log on a remote in memory, in S3, and on others that are given.
 *
 * @returns one line for each
 */
export async function allRemotes(bucket: Bucket, others: Readonly<Record<string, Remote>>): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = bucket;
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  const prefix = `runtime-${Math.random().toString(36).slice(2)}`;
  const remotes: Readonly<Record<string, Remote>> = {
    memory: memoryRemote(),
    s3: await openS3Remote({ client, bucket: bucket.bucket, prefix }),
    ...others,
  };
  const lines: string[] = [];
  for (const [name, remote] of Object.entries(remotes)) {
    const seed = generateSeed();
    const other = memoryRemote({ label: "other" });
    const lived = await wholeLife({ seed, journal: tableDatabase(), remote, other });
    lines.push(`${name}: ${lived}`);
  }
  client.destroy();
  return lines.join("\n");
}
