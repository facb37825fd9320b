// S3 without the AWS SDK, for browsers, workers and phones: the entry `@remote-log/s3/light`.

export type { S3ErrorReason } from "../errors.ts";
export type { S3Verdict } from "../service/traits.ts";
export { LightS3Client, type LightS3ClientOptions, type LightS3Credentials } from "./client.ts";
export {
  type OpenS3RemoteOptions,
  type OpenS3UriOptions,
  openS3Remote,
  openS3RemoteFromUri,
  probeS3,
  type S3NamesOptions,
  type S3Options,
  type S3RemoteOptions,
  type S3StorageOptions,
  type S3UriOptions,
  s3Names,
  s3Remote,
  s3RemoteFromUri,
  s3Storage,
} from "./remote.ts";
