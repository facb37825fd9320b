// Both halves of a remote that everybody may read.

import type { Remote } from "@remote-log/core";
import { publicNames } from "./names.ts";
import { checkPublicOptions, type PublicS3Options } from "./options.ts";
import { publicStorage } from "./storage.ts";

/**
 * What `s3Remote` wrote, read over plain HTTP: from a bucket that everybody may read, from a CDN before it, or from
 * any web server that has a copy of its objects. It needs `fetch` alone: no SDK, no credentials.
 *
 * `put` and `update` are `ERR_UNSUPPORTED` with the reason `"read-only"`. Nothing is sent before the first operation.
 * What a failed request becomes is listed at `S3ErrorReason` of `@remote-log/s3`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { openReader, type ReadKey } from "@remote-log/core";
 * import { publicS3Remote } from "@remote-log/s3/public";
 *
 * const remote = publicS3Remote({ url: "https://my-bucket.s3.eu-west-1.amazonaws.com/logs/alice" });
 * export async function print(logId: string, key?: ReadKey): Promise<void> {
 *   const reader = await openReader({ logId, key, remotes: [remote] });
 *   for await (const entry of reader.from(0)) console.log(entry.sequence);
 * }
 * ```
 */
export function publicS3Remote(options: PublicS3Options): Remote {
  const checked = checkPublicOptions(options);
  return {
    label: options.label ?? checked.url,
    storage: publicStorage(checked),
    names: publicNames(checked),
  };
}
