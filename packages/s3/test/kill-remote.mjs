import { S3Client } from "@aws-sdk/client-s3";
import { s3Remote } from "@remote-log/s3";

/** The remote of a writer that is killed, from what the test says of the server. */
export function openRemote(place) {
  const { endpoint, region, credentials, bucket, prefix } = JSON.parse(place);
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return s3Remote({ client, bucket, prefix, label: "s3" });
}
