// What the adapter needs of a client: six requests (Amazon S3 REST API), answered as they come.

import type { BodyLike } from "@remote-log/core/adapter";
import type { ServiceFailure } from "./service-failure.ts";

/** What is sent of an object that is written. */
export interface PutInput {
  readonly key: string;
  readonly body: Uint8Array;
  /** SHA-256 of the body. */
  readonly digest: Uint8Array;
  /** Whether the service gets the digest as the checksum of the object. */
  readonly checksum: boolean;
  /** `If-None-Match: *`: only if there is no such object. */
  readonly create?: boolean | undefined;
  /** `If-Match`: only if the object has this ETag. */
  readonly match?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What is asked for of an object that is read. */
export interface GetInput {
  readonly key: string;
  readonly ifNoneMatch: string;
  /** The header `Range`. */
  readonly range?: string | undefined;
}

/** An answer with an object, or a part of one; nobody has read its body yet. */
export interface ServiceObject {
  readonly status: number | undefined;
  readonly body: BodyLike;
  /** How many bytes the body has, as the service says. */
  readonly length: number | undefined;
  readonly etag: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly contentType: string | undefined;
  readonly contentRange: string | undefined;
}

/** The headers of an object, as far as they came and can be seen. */
export interface ObjectHeaders {
  readonly length: number | undefined;
  /** SHA-256 in Base64. */
  readonly checksum: string | undefined;
  readonly etag: string | undefined;
}

/** A page of a list of objects; without `IsTruncated`, the answer was no list. */
export interface ListPage {
  readonly Contents?: readonly { readonly Key?: string | undefined }[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
}

/**
 * A bucket, as a client reaches it. Each request is sent once. What fails is thrown as the client has it; answers that are no
 * content are read up to a limit.
 */
export interface S3Service {
  /** What is learned about the service is kept for this object: the client of the application. */
  readonly client: object;
  /** Gives the ETag. */
  put(input: PutInput, signal: AbortSignal): Promise<string | undefined>;
  get(input: GetInput, signal: AbortSignal): Promise<ServiceObject>;
  head(key: string, signal: AbortSignal): Promise<ObjectHeaders>;
  delete(key: string, signal: AbortSignal): Promise<void>;
  /** @param from - the token with which the page begins */
  list(prefix: string, from: string | undefined, signal: AbortSignal): Promise<ListPage>;
  /** Takes from what was thrown what is safe to keep. */
  failureOf(thrown: unknown): ServiceFailure;
}
