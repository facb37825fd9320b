// Storage, names and both, by the light client.

import type { Remote, StorageBackend } from "@remote-log/core";
import { optionKinds, requireRuntime, throwIfAborted } from "@remote-log/core/adapter";
import { namesOf, type S3Names } from "../bucket-names.ts";
import { storageOf } from "../bucket-storage.ts";
import { LARGEST_CONTENT, LARGEST_NAME } from "../limits.ts";
import {
  type ClientKind,
  checkPlace,
  checkUriOptions,
  type NamesOptions,
  type OpenOptions,
  type PlaceOptions,
  type RemoteOptions,
  type StorageOptions,
} from "../place-options.ts";
import { probePlace } from "../probe-once.ts";
import type { S3Verdict } from "../service/traits.ts";
import { parseS3Uri } from "../uri.ts";
import { credentialsKind, LightS3Client, type LightS3ClientOptions } from "./client.ts";
import { LightService } from "./service.ts";

/** Where a remote is in S3. */
export interface S3Options extends PlaceOptions {
  /** The client, with its endpoint, region and credentials. */
  readonly client: LightS3Client;
}

/** Options of `s3Storage`. */
export interface S3StorageOptions extends S3Options, StorageOptions {}

/** Options of `s3Names`. */
export interface S3NamesOptions extends S3Options, NamesOptions {}

/** Options of `s3Remote`. */
export interface S3RemoteOptions extends S3Options, RemoteOptions {}

/** Options of `openS3Remote`. */
export interface OpenS3RemoteOptions extends S3Options, OpenOptions {}

/** Options of `s3RemoteFromUri`: those of the client that the URI does not say, too. */
export interface S3UriOptions
  extends Pick<LightS3ClientOptions, "credentials" | "fetch">,
    Pick<PlaceOptions, "answerMilliseconds">,
    RemoteOptions {}

/** Options of `openS3RemoteFromUri`. */
export interface OpenS3UriOptions extends Omit<S3UriOptions, "compareAndSet">, Pick<OpenOptions, "signal"> {}

const { callback, required } = optionKinds;

const lightClient: ClientKind<LightS3Client> = {
  kind: required({
    is: (value) => value instanceof LightS3Client,
    expected: "a LightS3Client of @remote-log/s3/light: `new LightS3Client({ region, credentials })`",
  }),
  serviceOf: (client, bucket) => new LightService(client, bucket),
};

/**
 * Contents in a bucket, as `s3Storage` of `@remote-log/s3` has them: what one wrote the other reads.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { LightS3Client, s3Storage } from "@remote-log/s3/light";
 *
 * const client = new LightS3Client({ region: "eu-west-1", credentials: "anonymous" });
 * const storage = s3Storage({ client, bucket: "my-bucket" });
 * console.log(storage.capabilities.largestContent);
 * ```
 */
export function s3Storage(options: S3StorageOptions): Required<Omit<StorageBackend, "putMany" | "release">> {
  return storageOf(checkPlace(lightClient, options, LARGEST_CONTENT));
}

/**
 * Names in a bucket, as `s3Names` of `@remote-log/s3` has them.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { LightS3Client, s3Names } from "@remote-log/s3/light";
 *
 * const credentials = { accessKeyId: "alice", secretAccessKey: "a secret" };
 * const names = s3Names({ client: new LightS3Client({ region: "eu-west-1", credentials }), bucket: "my-bucket" });
 * console.log(names.capabilities.compareAndSet);
 * ```
 */
export function s3Names(options: S3NamesOptions): S3Names {
  requireRuntime("s3.open", "crypto.getRandomValues");
  return namesOf(checkPlace(lightClient, options, LARGEST_NAME), options.compareAndSet);
}

/**
 * Contents and names in one bucket. Nothing is sent before the first operation. Writers use {@link openS3Remote}.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { openReader, type ReadKey } from "@remote-log/core";
 * import { LightS3Client, s3Remote } from "@remote-log/s3/light";
 *
 * const credentials = { accessKeyId: "alice", secretAccessKey: "a secret" };
 * const remote = s3Remote({ client: new LightS3Client({ region: "eu-west-1", credentials }), bucket: "my-bucket" });
 * export async function print(logId: string, key?: ReadKey): Promise<void> {
 *   const reader = await openReader({ logId, key, remotes: [remote] });
 *   for await (const entry of reader.from(0)) console.log(entry.sequence);
 * }
 * ```
 */
export function s3Remote(options: S3RemoteOptions): Remote {
  const { place } = checkPlace(lightClient, options, 0);
  const { label, client, bucket, prefix, answerMilliseconds, compareAndSet } = options;
  const at = { client, bucket, prefix, answerMilliseconds };
  return { label: label ?? place, storage: s3Storage(at), names: s3Names({ ...at, compareAndSet }) };
}

/**
 * Contents and names in one bucket, for a writer, on whatever service: {@link s3Remote} with `compareAndSet: "probed"`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @example
 * ```ts
 * import { LightS3Client, openS3Remote } from "@remote-log/s3/light";
 *
 * const credentials = { accessKeyId: "alice", secretAccessKey: "a secret" };
 * const client = new LightS3Client({ endpoint: "https://minio.example.com:9000", credentials });
 * const remote = await openS3Remote({ client, bucket: "my-bucket", prefix: "logs/alice" });
 * console.log(remote.label); // s3://my-bucket/logs/alice
 * ```
 */
export async function openS3Remote(options: OpenS3RemoteOptions): Promise<Remote> {
  checkPlace(lightClient, options, 0);
  const { signal, ...rest } = options;
  throwIfAborted(signal);
  return s3Remote({ ...rest, compareAndSet: "probed" });
}

/**
 * The remote that an `s3:` URI names: `s3://bucket/prefix?region=eu-west-1`, or with `endpoint=…` for a service other than AWS. The
 * credentials go to whatever endpoint the URI names: give none for a URI that somebody else wrote.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 * @example
 * ```ts
 * import { s3RemoteFromUri } from "@remote-log/s3/light";
 *
 * const credentials = { accessKeyId: "alice", secretAccessKey: "a secret" };
 * const remote = s3RemoteFromUri("s3://my-bucket/logs/alice?region=eu-west-1", { credentials });
 * console.log(remote.label); // s3://my-bucket/logs/alice
 * ```
 */
export function s3RemoteFromUri(uri: string, options: S3UriOptions): Remote {
  checkUriOptions(uri, options, { credentials: credentialsKind, fetch: callback });
  const { credentials, fetch, ...rest } = options;
  const { bucket, prefix, region, endpoint, compareAndSet } = parseS3Uri(uri);
  const client = new LightS3Client({ credentials, fetch, region, endpoint });
  return s3Remote({ client, bucket, prefix, ...(compareAndSet && { compareAndSet }), ...rest });
}

/**
 * The remote that an `s3:` URI names, for a writer: what {@link openS3Remote} is to `s3Remote`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 * @example
 * ```ts
 * import { openS3RemoteFromUri } from "@remote-log/s3/light";
 *
 * const credentials = { accessKeyId: "alice", secretAccessKey: "a secret" };
 * const remote = await openS3RemoteFromUri("s3://my-bucket/logs/alice?region=eu-west-1", { credentials });
 * console.log(remote.label);
 * ```
 */
export async function openS3RemoteFromUri(uri: string, options: OpenS3UriOptions): Promise<Remote> {
  checkUriOptions(uri, options, { credentials: credentialsKind, fetch: callback });
  const { signal, ...rest } = options;
  throwIfAborted(signal);
  const { compareAndSet = "probed" } = parseS3Uri(uri);
  return s3RemoteFromUri(uri, { ...rest, compareAndSet });
}

/**
 * Finds out whether a service enforces conditional writes, as `probeS3` of `@remote-log/s3` does.
 *
 * @throws whatever that throws
 * @example
 * ```ts
 * import { LightS3Client, probeS3 } from "@remote-log/s3/light";
 *
 * export async function explain(client: LightS3Client): Promise<string> {
 *   const { compareAndSet, reason } = await probeS3({ client, bucket: "my-bucket" });
 *   return `${compareAndSet}: ${reason}`;
 * }
 * ```
 */
export async function probeS3(
  options: S3Options & { readonly signal?: AbortSignal | undefined },
): Promise<S3Verdict> {
  return probePlace(checkPlace(lightClient, options, 0), options.signal);
}
