// A bucket that an `s3:` URI names, read as everybody may read it: for a URI that somebody else wrote.

import type { Remote } from "@remote-log/core";
import { checkBucket } from "../place-options.ts";
import { parseS3Uri } from "../uri.ts";
import { checkUriOptions, type PublicS3Options } from "./options.ts";
import { publicS3Remote } from "./remote.ts";

/** Options of `publicS3RemoteFromUri`. */
export type PublicS3UriOptions = Omit<PublicS3Options, "url">;

/**
 * The remote that an `s3:` URI names, for reading and without credentials. This is how an application opens a URI that it
 * got from a link: the URI can name any endpoint, and `s3RemoteFromUri` would send it the access key id, a signature and the
 * session token. Nothing of the environment, of profiles or of the machine is looked at, neither for credentials nor for the
 * endpoint or the region.
 *
 * Without `endpoint`, the bucket is one of AWS: `https://<bucket>.s3.<region>.amazonaws.com/<prefix>`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 * @example
 * ```ts
 * import { parseLink } from "@remote-log/core";
 * import { publicS3RemoteFromUri } from "@remote-log/s3/public";
 *
 * const { remotes } = parseLink(`rlog:${"0".repeat(64)}?remote=s3://my-bucket/logs%3Fregion%3Deu-west-1`);
 * const [remote] = remotes.map((uri) => publicS3RemoteFromUri(uri));
 * console.log(remote?.label); // https://my-bucket.s3.eu-west-1.amazonaws.com/logs
 * ```
 */
export function publicS3RemoteFromUri(uri: string, options: PublicS3UriOptions = {}): Remote {
  checkUriOptions(uri, options);
  const { bucket, prefix, region, endpoint } = parseS3Uri(uri);
  checkBucket(bucket);
  const base = endpoint === undefined ? onAws(bucket, region) : `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  const path = prefix.split("/").map(encodeURIComponent).join("/");
  return publicS3Remote({ ...options, url: `${base}/${path}` });
}

/** The URL of a bucket of AWS (Amazon S3 User Guide, "Methods for accessing a general purpose bucket"). */
function onAws(bucket: string, region: string | undefined): string {
  const suffix = region?.startsWith("cn-") === true ? "amazonaws.com.cn" : "amazonaws.com";
  const host = region === undefined ? `s3.${suffix}` : `s3.${region}.${suffix}`;
  // Only these can be part of a host that AWS has a certificate for.
  const isLabel = /^[a-z0-9-]+$/.test(bucket);
  return isLabel ? `https://${bucket}.${host}` : `https://${host}/${bucket}`;
}
