// What is public, read without the AWS SDK: the entry `@remote-log/s3/public`.

export { type PublicS3UriOptions, publicS3RemoteFromUri } from "./from-uri.ts";
export type { PublicS3Options } from "./options.ts";
export { publicS3Remote } from "./remote.ts";
