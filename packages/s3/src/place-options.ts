// Options of every remote with a client, whichever it is, checked and with their defaults.

import { InvalidInputError } from "@remote-log/core";
import {
  checkArgument,
  checkOptionTypes,
  encodeUtf8,
  type OptionKind,
  optionKinds,
  requireRuntime,
} from "@remote-log/core/adapter";
import { ANSWER_MILLISECONDS, checkAnswerTime, checkLimit } from "./limits.ts";
import type { Bucket } from "./service/requests.ts";
import type { S3Service } from "./service/s3-service.ts";

/** Where a remote is in S3. */
export interface PlaceOptions {
  /** The bucket, which must exist. */
  readonly bucket: string;
  /**
   * What the keys of all objects begin with, without a slash at either end: `"logs/alice"`. Default: nothing.
   * Remotes under different prefixes share nothing.
   */
  readonly prefix?: string | undefined;
  /**
   * How long the service may take to answer a request, in milliseconds; a content gets one more second for each 32 kB that it
   * may have. Default 60,000.
   */
  readonly answerMilliseconds?: number | undefined;
}

/** Options of storages alone. */
export interface StorageOptions {
  /** The largest content to store and to read, in bytes. Default 64 MiB (67,108,864); at most 2,147,483,647. */
  readonly largestContent?: number | undefined;
}

/** Options of names alone. */
export interface NamesOptions {
  /** The largest content of a name, in bytes. Default 1 MiB (1,048,576); at most 2,147,483,647. */
  readonly largestContent?: number | undefined;
  /**
   * Whether the service enforces conditional writes. Default `"atomic"`: the first update checks that it does, and if it
   * does not, updates are refused (`ERR_UNSUPPORTED` with the reason `"no-conditional-writes"`). With `"probed"` it is checked,
   * too, and if it does not, nothing is enforced: the log then has one writer, who reads back. With `"none"` that is so
   * without a check.
   */
  readonly compareAndSet?: "atomic" | "none" | "probed" | undefined;
}

/** Options of remotes alone. */
export interface RemoteOptions extends Pick<NamesOptions, "compareAndSet"> {
  /** What the remote is called in receipts, states and errors. Default: `s3://bucket/prefix`. */
  readonly label?: string | undefined;
}

/** Options of remotes that are opened for writing. */
export interface OpenOptions extends Omit<RemoteOptions, "compareAndSet"> {
  /** If it has fired, opening rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with every default filled in. */
export interface CheckedOptions extends Bucket {
  readonly prefix: string;
  readonly largestContent: number;
}

/** A kind of client. */
export interface ClientKind<Client> {
  /** What it has to be. */
  readonly kind: OptionKind;
  /** A bucket, reached by it. */
  readonly serviceOf: (client: Client, bucket: string) => S3Service;
}

const { number, oneOf, required, signal, text } = optionKinds;

/** Options of every remote with a client, without the client. */
const kinds: Readonly<
  Record<keyof (PlaceOptions & StorageOptions & RemoteOptions & OpenOptions), OptionKind>
> = {
  bucket: required(text, 'a string, such as "my-bucket"'),
  prefix: text,
  answerMilliseconds: number,
  largestContent: number,
  compareAndSet: oneOf("atomic", "none", "probed"),
  label: text,
  signal,
};

/**
 * Checks the options of a remote that a URI names: what the URI says is not among them.
 *
 * @param further - the options that its client has
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkUriOptions(
  uri: unknown,
  options: object,
  further: Readonly<Record<string, OptionKind>>,
): void {
  checkArgument(
    uri,
    { ...text, expected: 'a string, such as "s3://my-bucket/logs"' },
    { name: "The URI", operation: "s3.open" },
  );
  const { bucket: _bucket, prefix: _prefix, ...others } = kinds;
  checkOptionTypes(options, { ...others, ...further }, { name: "a remote in S3", operation: "s3.open" });
}

/** The longest prefix, in bytes: a key has at most 1,024, and the digests need some of them. */
const LONGEST_PREFIX = 900;

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a client, a bucket, a prefix or a limit that can't be used
 */
export function checkPlace<Client>(
  { kind, serviceOf }: ClientKind<Client>,
  options: PlaceOptions & { readonly client: Client; readonly largestContent?: number | undefined },
  largestContent: number,
): CheckedOptions {
  requireRuntime("s3.open", "URL");
  checkOptionTypes(options, { client: kind, ...kinds }, { name: "a remote in S3", operation: "s3.open" });
  const { client, bucket } = options;
  checkBucket(bucket);
  const prefix = checkPrefix(options.prefix ?? "");
  return {
    service: serviceOf(client, bucket),
    prefix,
    place: placeOf(bucket, prefix),
    largestContent: checkLimit(options.largestContent ?? largestContent),
    answerMilliseconds: checkAnswerTime(options.answerMilliseconds ?? ANSWER_MILLISECONDS),
  };
}

/** What messages, and labels, call a place in S3. */
function placeOf(bucket: string, prefix: string): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

/** Checks the name of a bucket. */
export function checkBucket(bucket: string): void {
  if (typeof bucket === "string" && /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]$/.test(bucket)) return;
  throw invalid("The name of a bucket has 3 to 63 letters, digits, dots and hyphens.");
}

/** Checks a prefix of keys, and gives it back. */
export function checkPrefix(prefix: string): string {
  const usable =
    typeof prefix === "string" &&
    !/[\p{C}\\]/u.test(prefix) &&
    encodeUtf8(prefix).length <= LONGEST_PREFIX &&
    (prefix === "" || prefix.split("/").every((part) => !["", ".", ".."].includes(part)));
  if (usable) return prefix;
  throw invalid(
    `The prefix of a remote in S3 has at most ${LONGEST_PREFIX} bytes, no slash at either end, no empty part, no . ` +
      "or .. as a part, and no backslash or control character.",
  );
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "s3.open" });
}
