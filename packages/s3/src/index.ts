// Contents and names of a remote log in an S3 bucket: the entry `@remote-log/s3`.

export type { S3ErrorReason } from "./errors.ts";

// The two halves.
export { s3Names } from "./names.ts";
// Options, errors, and what a service can do.
export type {
  OpenS3RemoteOptions,
  S3NamesOptions,
  S3Options,
  S3RemoteOptions,
  S3StorageOptions,
} from "./options.ts";
export { probeS3 } from "./probe.ts";
// Remotes.
export {
  type OpenS3UriOptions,
  type OwnClientOptions,
  openS3Remote,
  openS3RemoteFromUri,
  type S3UriOptions,
  s3Remote,
  s3RemoteFromUri,
} from "./remote.ts";
export { fetchRequestHandler, type S3RequestHandler } from "./service/fetch-handler.ts";
export type { S3Verdict } from "./service/traits.ts";
export { s3Storage } from "./storage.ts";
