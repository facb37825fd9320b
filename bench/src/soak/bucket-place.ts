import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { LightS3Client, openS3Remote } from "@remote-log/s3/light";
import { createBucket, startMinio } from "@remote-log/servers";
import type { SoakPlace } from "./place.ts";
import { PROXIED, Proxied } from "./proxied.ts";

const BUCKET = "soak";

/** A bucket on MinIO. */
export async function bucketPlace(): Promise<SoakPlace> {
  const server = await startMinio();
  await createBucket(server, BUCKET);
  const { endpoint, region, credentials } = server;
  const body = "<Error><Code>XMinioStorageFull</Code><Message>No room.</Message></Error>";
  const full = { status: 507, headers: { "content-type": "application/xml" }, body };
  const proxy = await Proxied.before({ target: endpoint, replies: { quota: full } });
  const open = (at: string) =>
    openS3Remote({
      client: new LightS3Client({ endpoint: at, region, credentials: async () => credentials }),
      bucket: BUCKET,
      label: "minio",
    });
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  let before = new Map<string, Uint8Array>();

  async function* keys(): AsyncGenerator<string> {
    let next: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: next }));
      for (const { Key } of page.Contents ?? []) yield Key!;
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }
  const empty = async (): Promise<void> => {
    for await (const Key of keys()) await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
  };

  return {
    label: "minio",
    writing: await open(proxy.url),
    reading: await open(proxy.url),
    direct: await open(endpoint),
    troubles: [...PROXIED, "emptied", "set back"],
    async remember() {
      before = new Map();
      for await (const Key of keys()) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
        before.set(Key, await Body!.transformToByteArray());
      }
    },
    async begin(trouble) {
      if (await proxy.begin(trouble)) return;
      await proxy.unseen(async () => {
        await empty();
        if (trouble === "emptied") return;
        for (const [Key, Body] of before)
          await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
      });
    },
    end: () => proxy.end(),
    async stop() {
      client.destroy();
      await proxy.stop();
      await server.stop();
    },
  };
}
