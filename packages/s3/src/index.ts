export { s3Names } from "./names.ts";
export type {
  OpenS3RemoteOptions,
  S3NamesOptions,
  S3Options,
  S3RemoteOptions,
  S3StorageOptions,
} from "./options.ts";
export { probeS3 } from "./probe.ts";
export {
  type OpenS3UriOptions,
  openS3Remote,
  openS3RemoteFromUri,
  type S3UriOptions,
  s3Remote,
  s3RemoteFromUri,
} from "./remote.ts";
export { s3Storage } from "./storage.ts";
export type { S3Verdict } from "./traits.ts";
