// The requests of the adapter, one method each (Amazon S3 REST API), through the client of the application.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { IntegrityError, isRemoteLogError, UnreachableError } from "@remote-log/core";
import { type BodyLike, type Call, discardBody, readBody } from "@remote-log/core/adapter";
import { listFromText } from "./list-text.ts";
import { fromSdkError, unparsedText } from "./sdk-failure.ts";
import { isFailure } from "./service-failure.ts";
import { type Traits, traitsOf } from "./traits.ts";

/** Where the requests go. */
export interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
  /** `s3://bucket/prefix`: what is learned about a service is kept for this place. */
  readonly place: string;
}

/** An object to write. */
export interface ObjectToPut {
  readonly key: string;
  readonly body: Uint8Array;
  /** SHA-256 of the body. */
  readonly digest: Uint8Array;
  /** `If-None-Match: *`: only if there is no such object. */
  readonly create?: boolean;
  /** `If-Match`: only if the object has this ETag. */
  readonly match?: string | undefined;
  readonly metadata?: Record<string, string>;
}

/** How an object is read. */
export interface ReadOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** `If-None-Match`: the ETag that the caller has. */
  readonly known?: string | undefined;
  /** What is read, for an error: `"the content b…"`. */
  readonly what: string;
}

/** An object that was read. */
export interface ReadObject {
  readonly content: Uint8Array;
  readonly etag: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** The headers of an object, as far as they came and can be seen. */
export interface ObjectHeaders {
  readonly length: number | undefined;
  /** SHA-256 in Base64. */
  readonly checksum: string | undefined;
  readonly etag: string | undefined;
}

/** A reply with a body, as the SDK gives it. */
interface SdkReply {
  readonly Body?: unknown;
}

/** The requests to one bucket. What fails is a `ServiceFailure`. */
export class BucketRequests {
  /** What was learned about the service. */
  readonly traits: Traits;
  readonly #client: S3Client;
  readonly #name: string;

  constructor({ client, bucket, place }: Bucket) {
    this.#client = client;
    this.#name = bucket;
    this.traits = traitsOf(client, place);
  }

  /** Writes an object; with a second request, once, if the service refuses the checksum. Gives its ETag. */
  async put(object: ObjectToPut, signal: AbortSignal): Promise<string | undefined> {
    const checksum = this.traits.checksums;
    try {
      return await this.#put(object, checksum, signal);
    } catch (error) {
      if (!checksum || !refusesChecksum(error, object)) throw error;
      const etag = await this.#put(object, false, signal);
      this.traits.checksums = false;
      return etag;
    }
  }

  async #put(
    { key, body, digest, create, match, metadata }: ObjectToPut,
    checksum: boolean,
    abortSignal: AbortSignal,
  ): Promise<string | undefined> {
    const command = new PutObjectCommand({
      Bucket: this.#name,
      Key: key,
      Body: body,
      ContentType: "application/octet-stream",
      ...(checksum && { ChecksumSHA256: base64Of(digest) }),
      ...(create && { IfNoneMatch: "*" }),
      ...(match !== undefined && { IfMatch: match }),
      ...(metadata && { Metadata: metadata }),
    });
    const { ETag } = await failing(this.#client.send(command, { abortSignal }));
    return ETag;
  }

  /**
   * Reads an object.
   *
   * @returns `"unchanged"` if it has the ETag that the caller has
   * @throws TooLargeError `ERR_TOO_LARGE` past the limit
   * @throws IntegrityError `ERR_INTEGRITY` if the SDK found that it does not match the service's own checksum
   */
  get(key: string, options: ReadOptions & { readonly known?: undefined }, call: Call): Promise<ReadObject>;
  get(key: string, options: ReadOptions, call: Call): Promise<ReadObject | "unchanged">;
  async get(key: string, { limit, known, what }: ReadOptions, call: Call): Promise<ReadObject | "unchanged"> {
    const { operation } = call.context;
    const command = new GetObjectCommand({
      Bucket: this.#name,
      Key: key,
      ...(known !== undefined && { IfNoneMatch: known }),
    });
    const read = async (): Promise<ReadObject | "unchanged"> => {
      const output = await this.#client.send(command, { abortSignal: call.signal });
      const body = bodyOf(output);
      if (known !== undefined && output.ETag === known) {
        await discardBody(body);
        return "unchanged";
      }
      const content = await readBody(body, { limit, declared: output.ContentLength, operation, what });
      return { content, etag: output.ETag, metadata: output.Metadata };
    };
    try {
      return await failing(read());
    } catch (error) {
      if (known !== undefined && isFailure(error, 304)) return "unchanged";
      if (!isFailure(error, "ChecksumMismatch") || error.status !== undefined) throw error;
      throw new IntegrityError(
        `Reading ${what} failed: the bytes do not match the checksum that the service sent with them.`,
        { operation, cause: error },
      );
    }
  }

  /**
   * Whether there is an object. Its first byte is asked for, and not its headers alone: only an answer with a body
   * tells a missing object from a missing bucket.
   */
  async has(key: string, signal: AbortSignal): Promise<boolean> {
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, Range: "bytes=0-0" });
    const look = async (): Promise<true> => {
      const output = await this.#client.send(command, { abortSignal: signal });
      // One byte is read, so that the connection can be used again.
      if (output.ContentLength !== 1) await discardBody(bodyOf(output));
      else await readBody(bodyOf(output), { limit: 1, operation: "storage.has", what: key });
      return true;
    };
    try {
      return await failing(look());
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return false;
      // An object of 0 bytes has no first one.
      if (isFailure(error, 416)) return true;
      throw error;
    }
  }

  /** What the headers of an object say; `undefined` if there is none. */
  async head(key: string, abortSignal: AbortSignal): Promise<ObjectHeaders | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#name, Key: key, ChecksumMode: "ENABLED" });
    try {
      const output = await failing(this.#client.send(command, { abortSignal }));
      return { length: output.ContentLength, checksum: output.ChecksumSHA256, etag: output.ETag };
    } catch (error) {
      if (isFailure(error, 404)) return undefined;
      throw error;
    }
  }

  /** Removes an object; a missing one is no error. */
  async delete(key: string, abortSignal: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#name, Key: key });
    try {
      await failing(this.#client.send(command, { abortSignal }));
    } catch (error) {
      if (!isFailure(error, "NoSuchKey")) throw error;
    }
  }

  /**
   * One page of the keys that begin with a prefix, and where the next page begins.
   *
   * @throws UnreachableError `ERR_UNREACHABLE` with the reason `"not-s3"` for an answer that is no list, and
   * `"incomplete-list"` for one that ends before its end
   */
  async list(
    prefix: string,
    from: string | undefined,
    { signal, context: { operation, action } }: Call,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | undefined }> {
    const command = new ListObjectsV2Command({
      Bucket: this.#name,
      Prefix: prefix,
      ...(from !== undefined && { ContinuationToken: from }),
    });
    const listing = this.#client
      .send(command, { abortSignal: signal })
      // In workers, the SDK has no parser for what came.
      .catch((error: unknown) => listFromText(unparsedText(error)) ?? Promise.reject(error));
    const { IsTruncated, NextContinuationToken, Contents = [] } = await failing(listing);
    if (IsTruncated === undefined) {
      throw new UnreachableError(
        `While ${action}, something answered that is no list. Check that the endpoint is that of an S3 interface.`,
        { operation, reason: "not-s3" },
      );
    }
    const next = IsTruncated ? NextContinuationToken : undefined;
    if (IsTruncated && (next === undefined || next === from)) {
      throw new UnreachableError(
        `While ${action}, the service said that there is more, but not where. What was listed is not all. Try again.`,
        { operation, reason: "incomplete-list" },
      );
    }
    return { keys: Contents.flatMap(({ Key }) => Key ?? []), next };
  }
}

/** Bytes in Base64, as headers carry digests. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Makes a `ServiceFailure` of what the SDK throws. */
async function failing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isRemoteLogError(error) ? error : fromSdkError(error);
  }
}

function bodyOf({ Body: body }: SdkReply): BodyLike {
  const given = (body ?? null) as BodyLike["body"] | { transformToWebStream(): ReadableStream<Uint8Array> };
  // Old browsers give the SDK a Blob in place of a stream.
  const isStream = given === null || "getReader" in given || Symbol.asyncIterator in given;
  return { body: isStream ? given : given.transformToWebStream() };
}

function refusesChecksum(error: unknown, { create, match }: ObjectToPut): boolean {
  if (!isFailure(error, 400, 501)) return false;
  // It knows checksums, and found that this one is wrong.
  if (/Mismatch|Digest/.test(error.code) || /match/i.test(error.text)) return false;
  const isUnconditional = create !== true && match === undefined;
  return /checksum/i.test(error.text) || (error.status === 501 && isUnconditional);
}
