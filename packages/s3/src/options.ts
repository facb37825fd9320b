// Options of the remotes that use the SDK.

import type { S3Client } from "@aws-sdk/client-s3";
import { optionKinds } from "@remote-log/core/adapter";
import {
  type CheckedOptions,
  type ClientKind,
  checkPlace,
  type NamesOptions,
  type OpenOptions,
  type PlaceOptions,
  type RemoteOptions,
  type StorageOptions,
} from "./place-options.ts";
import { SdkService } from "./service/sdk-service.ts";

/** Where a remote is in S3. */
export interface S3Options extends PlaceOptions {
  /** The client, with its endpoint, region and credentials. It is used, never changed and never closed. */
  readonly client: S3Client;
}

/** Options of `s3Storage`. */
export interface S3StorageOptions extends S3Options, StorageOptions {}

/** Options of `s3Names`. */
export interface S3NamesOptions extends S3Options, NamesOptions {}

/** Options of `s3Remote`. */
export interface S3RemoteOptions extends S3Options, RemoteOptions {}

/** Options of `openS3Remote`. */
export interface OpenS3RemoteOptions extends S3Options, OpenOptions {}

const { required, withMethods } = optionKinds;

/** Clients of the SDK. */
const sdkClient: ClientKind<S3Client> = {
  kind: required(withMethods(["send"], "an S3Client of @aws-sdk/client-s3: `new S3Client({ region })`")),
  serviceOf: (client, bucket) => new SdkService(client, bucket),
};

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a bucket, a prefix or a limit that can't be used
 */
export function checkOptions(
  options: S3Options & { readonly largestContent?: number | undefined },
  largestContent: number,
): CheckedOptions {
  return checkPlace(sdkClient, options, largestContent);
}
