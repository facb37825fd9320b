// Names in a bucket, by the client of the SDK.

import { requireRuntime } from "@remote-log/core/adapter";
import { namesOf, type S3Names } from "./bucket-names.ts";
import { LARGEST_NAME } from "./limits.ts";
import { checkOptions, type S3NamesOptions } from "./options.ts";

/**
 * Names in a bucket, each in an object that is called by the SHA-256 of the name in UTF-8: `<prefix>/names/<64 hex>`.
 * A name may have any length and any characters. A revision is the object's ETag.
 *
 * Compare-and-set is atomic if the service enforces conditional writes, which the first update of a process checks
 * (see `probeS3`); opening and reading check nothing and write nothing. What a failed request becomes is listed at
 * {@link S3ErrorReason}.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { s3Names } from "@remote-log/s3";
 *
 * const names = s3Names({ client: new S3Client({ region: "eu-west-1" }), bucket: "my-bucket" });
 * const found = await names.resolve("diary");
 * const expected = found.status === "found" ? found.revision : null;
 * await names.update("diary", new TextEncoder().encode("a head"), { expected });
 * ```
 */
export function s3Names(options: S3NamesOptions): S3Names {
  requireRuntime("s3.open", "crypto.getRandomValues");
  return namesOf(checkOptions(options, LARGEST_NAME), options.compareAndSet);
}
