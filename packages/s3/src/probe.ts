// Finds out whether a service enforces conditional writes, by the client of the SDK.

import { checkOptions, type S3Options } from "./options.ts";
import { probePlace } from "./probe-once.ts";
import type { S3Verdict } from "./service/traits.ts";

/**
 * Finds out whether a service enforces conditional writes. Some ignore the conditions, some refuse them, and then two
 * writers of one name could overwrite each other unnoticed.
 *
 * It writes one small object, `<prefix>/probe`, which stays. That is 4 requests the first time in a place, 2 in every
 * later process, and none if this process has asked with the same client before. Readers need no probe.
 *
 * @returns what the service does, and how that was seen
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used, or a missing bucket
 * @throws UnsupportedError `ERR_UNSUPPORTED` with the reason `"no-etag"`: nothing is known then
 * @throws DeniedError `ERR_DENIED`, UnreachableError `ERR_UNREACHABLE`, TimeoutError `ERR_TIMEOUT`: nothing is known then
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { probeS3 } from "@remote-log/s3";
 *
 * const client = new S3Client({ region: "eu-west-1" });
 * const { compareAndSet, reason } = await probeS3({ client, bucket: "my-bucket" });
 * console.log(compareAndSet, reason);
 * ```
 */
export async function probeS3(
  options: S3Options & { readonly signal?: AbortSignal | undefined },
): Promise<S3Verdict> {
  return probePlace(checkOptions(options, 0), options.signal);
}
