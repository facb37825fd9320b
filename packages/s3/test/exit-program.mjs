import { S3Client } from "@aws-sdk/client-s3";
import { compareAndSetOf } from "@remote-log/core";
import { openS3RemoteFromUri, s3Remote, s3RemoteFromUri } from "@remote-log/s3";

// What a program does that opens a remote, uses it and closes it. Nothing here ends the process.
const [, , mode, place] = process.argv;
const { endpoint, bucket, accessKeyId, secretAccessKey } = JSON.parse(place);
process.env.AWS_ACCESS_KEY_ID = accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
const uri = `s3://${bucket}/${mode}?endpoint=${encodeURIComponent(endpoint)}`;
const content = new TextEncoder().encode("hello");

async function use({ storage, names }, waits) {
  const using = Promise.allSettled([storage.put(content), names.update("log", content, { expected: null })]);
  if (waits) for (const { reason } of await using) if (reason !== undefined) throw reason;
  // Long enough for the requests to be on their way; a close before that is fine, too.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([storage.close(), names.close(), storage.close(), names.close()]);
  await using;
}

if (mode === "abort-probing") {
  const { storage, names } = await openS3RemoteFromUri(uri);
  await compareAndSetOf(names, { signal: AbortSignal.timeout(50) }).catch(() => undefined);
  await Promise.all([storage.close(), names.close()]);
} else {
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });
  for (const remote of [s3RemoteFromUri(uri), s3Remote({ client, bucket, prefix: "passed-in" })]) {
    await use(remote, mode === "close");
  }
}
console.log("closed");
