import type { Remote } from "@remote-log/core";
import { PublicNames } from "./names.ts";
import { checkPublicOptions, type PublicS3Options } from "./options.ts";
import { PublicStorage } from "./storage.ts";

/**
 * What `s3Remote` wrote, read over plain HTTP: from a bucket that everybody may read, from a CDN before it, or from
 * any web server that has a copy of its objects. It needs `fetch` alone: no SDK, no credentials.
 *
 * `put` and `update` are `ERR_UNSUPPORTED`. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function publicS3Remote(options: PublicS3Options): Remote {
  const checked = checkPublicOptions(options);
  return {
    label: options.label ?? checked.url,
    storage: new PublicStorage(checked),
    names: new PublicNames(checked),
  };
}
