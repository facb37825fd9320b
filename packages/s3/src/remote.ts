// Both halves of a remote, with the application's client or from a URI.

import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { Remote } from "@remote-log/core";
import { type Fetch, optionKinds, throwIfAborted } from "@remote-log/core/adapter";
import { namesOf } from "./bucket-names.ts";
import { storageOf } from "./bucket-storage.ts";
import { LARGEST_CONTENT, LARGEST_NAME } from "./limits.ts";
import { s3Names } from "./names.ts";
import { checkOptions, type OpenS3RemoteOptions, type S3Options, type S3RemoteOptions } from "./options.ts";
import { checkUriOptions } from "./place-options.ts";
import { fetchRequestHandler } from "./service/fetch-handler.ts";
import { s3Storage } from "./storage.ts";
import { parseS3Uri, type S3Place } from "./uri.ts";

/** What a remote from a URI takes besides the options of every remote, because its client is its own. */
export interface OwnClientOptions {
  /** Sends all requests. Default: the SDK does so in its own way, and asks no proxy in Node.js. */
  readonly fetch?: Fetch | undefined;
}

/** Options of `s3RemoteFromUri`. */
export interface S3UriOptions
  extends Omit<S3RemoteOptions, "client" | "bucket" | "prefix">,
    OwnClientOptions {}

/** Options of `openS3RemoteFromUri`. */
export interface OpenS3UriOptions
  extends Omit<OpenS3RemoteOptions, "client" | "bucket" | "prefix">,
    OwnClientOptions {}

const CONNECT_MILLISECONDS = 10_000;

/**
 * Contents and names in one bucket. Nothing is sent before the first operation. Writers use {@link openS3Remote}.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { openReader, type ReadKey } from "@remote-log/core";
 * import { s3Remote } from "@remote-log/s3";
 *
 * const client = new S3Client({ region: "eu-west-1" });
 * const remote = s3Remote({ client, bucket: "my-bucket", prefix: "logs/alice" });
 * export async function print(logId: string, key?: ReadKey): Promise<void> {
 *   const reader = await openReader({ logId, key, remotes: [remote] });
 *   for await (const entry of reader.from(0)) console.log(entry.sequence);
 * }
 * ```
 */
export function s3Remote(options: S3RemoteOptions): Remote {
  checkOptions(options, 0);
  const { label, client, bucket, prefix = "", answerMilliseconds, compareAndSet = "atomic" } = options;
  const at = { client, bucket, prefix, ...(answerMilliseconds !== undefined && { answerMilliseconds }) };
  const { place } = checkOptions(at, 0);
  return {
    label: label ?? place,
    storage: s3Storage(at),
    names: s3Names({ ...at, compareAndSet }),
  };
}

/**
 * Contents and names in one bucket, for a writer, on whatever service: {@link s3Remote} with `compareAndSet: "probed"`.
 * Nothing is sent before the first operation, so a writer opens without a network, too. Its first publish finds out whether the
 * service enforces conditional writes. If it does not, the log has one writer, who reads back after every update.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { compareAndSetOf } from "@remote-log/core";
 * import { openS3Remote } from "@remote-log/s3";
 *
 * const client = new S3Client({ region: "eu-west-1" });
 * const remote = await openS3Remote({ client, bucket: "my-bucket", prefix: "logs/alice" });
 * console.log(await compareAndSetOf(remote.names)); // This asks the service.
 * ```
 */
export async function openS3Remote(options: OpenS3RemoteOptions): Promise<Remote> {
  checkOptions(options, 0);
  const { signal, ...rest } = options;
  throwIfAborted(signal);
  return s3Remote({ ...rest, compareAndSet: "probed" });
}

/**
 * The remote that an `s3:` URI names: `s3://bucket/prefix?region=eu-west-1`, or with `endpoint=…` for a service other
 * than AWS (its buckets are then part of the path). The AWS SDK looks for the credentials, and for what the URI does not
 * say, in its usual places: the environment, profiles, the machine.
 *
 * The client is closed once both the storage and the names are.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 * @example
 * ```ts
 * import { s3RemoteFromUri } from "@remote-log/s3";
 *
 * const onAws = s3RemoteFromUri("s3://my-bucket/logs/alice?region=eu-west-1");
 * const elsewhere = s3RemoteFromUri("s3://my-bucket/logs?endpoint=https://minio.example.com:9000", { label: "attic" });
 * console.log(onAws.label, elsewhere.label);
 * ```
 */
export function s3RemoteFromUri(uri: string, options: S3UriOptions = {}): Remote {
  checkUriOptions(uri, options, { fetch: optionKinds.callback });
  const { answerMilliseconds, fetch, ...rest } = options;
  const { compareAndSet, ...place } = placeFromUri(uri, fetch);
  const at = { ...place, ...(answerMilliseconds !== undefined && { answerMilliseconds }) };
  return ownedRemote(at, { ...(compareAndSet && { compareAndSet }), ...rest });
}

/**
 * The remote that an `s3:` URI names, for a writer: what {@link openS3Remote} is to `s3Remote`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 * @example
 * ```ts
 * import { openS3RemoteFromUri } from "@remote-log/s3";
 *
 * const remote = await openS3RemoteFromUri("s3://my-bucket/logs/alice?region=eu-west-1");
 * console.log(remote.label);
 * ```
 */
export async function openS3RemoteFromUri(uri: string, options: OpenS3UriOptions = {}): Promise<Remote> {
  checkUriOptions(uri, options, { fetch: optionKinds.callback });
  const { signal, ...rest } = options;
  throwIfAborted(signal);
  const { compareAndSet = "probed" } = parseS3Uri(uri);
  return s3RemoteFromUri(uri, { ...rest, compareAndSet });
}

/** A remote with a client of its own, which is closed once both the storage and the names are. */
function ownedRemote(
  place: S3Options,
  { label, compareAndSet }: Omit<S3UriOptions, "answerMilliseconds" | "fetch">,
): Remote {
  let open = 2;
  const release = (): void => {
    open--;
    if (open === 0) place.client.destroy();
  };
  const contents = checkOptions(place, LARGEST_CONTENT);
  return {
    label: label ?? contents.place,
    storage: storageOf(contents, release),
    names: namesOf(checkOptions(place, LARGEST_NAME), compareAndSet, release),
  };
}

function placeFromUri(uri: string, fetch: Fetch | undefined): S3Options & Pick<S3Place, "compareAndSet"> {
  const { bucket, prefix, region, endpoint, compareAndSet } = parseS3Uri(uri);
  const settings: S3ClientConfig = {
    // Every write carries a SHA-256, every read is checked against one. What the SDK would add breaks other services.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler:
      fetch === undefined ? { connectionTimeout: CONNECT_MILLISECONDS } : fetchRequestHandler(fetch),
    // Other services take whatever region they are given; AWS has to be told which.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true, region: "us-east-1" }),
    ...(region !== undefined && { region }),
  };
  const place = { client: new S3Client(settings), bucket, prefix };
  checkOptions(place, 0);
  return { ...place, compareAndSet };
}
