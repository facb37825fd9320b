// Contents in a bucket, by the client of the SDK.

import type { StorageBackend } from "@remote-log/core";
import { storageOf } from "./bucket-storage.ts";
import { LARGEST_CONTENT } from "./limits.ts";
import { checkOptions, type S3StorageOptions } from "./options.ts";

/**
 * Contents in a bucket, each in an object that is called by its SHA-256: `<prefix>/contents/<64 hex>`.
 *
 * Nothing is sent before the first operation. `get` checks the bytes against the address and throws `IntegrityError`
 * for an object with wrong ones; `put` of the same content mends it. What a failed request becomes is listed at
 * {@link S3ErrorReason}.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { s3Storage } from "@remote-log/s3";
 *
 * const storage = s3Storage({ client: new S3Client({ region: "eu-west-1" }), bucket: "my-bucket" });
 * const address = await storage.put(new TextEncoder().encode("hello"));
 * console.log(`${address}`, await storage.has(address));
 * ```
 */
export function s3Storage(options: S3StorageOptions): Required<Omit<StorageBackend, "putMany" | "release">> {
  return storageOf(checkOptions(options, LARGEST_CONTENT));
}
