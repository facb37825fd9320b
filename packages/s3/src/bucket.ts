import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { IntegrityError, isRemoteLogError, UnreachableError } from "@remote-log/core";
import { withAbort } from "./abort.ts";
import { type Body, discard, readBody } from "./body.ts";
import type { FaultContext } from "./errors.ts";
import { base64Of } from "./layout.ts";
import { listFromText } from "./list-text.ts";
import type { CheckedOptions } from "./options.ts";
import { fromSdkError, unparsedText } from "./sdk-failure.ts";
import { isFailure, type ServiceFailure } from "./service-failure.ts";
import { type Traits, traitsOf } from "./traits.ts";

/** An object to write. */
export interface ObjectToPut {
  readonly key: string;
  readonly body: Uint8Array;
  /** SHA-256 of the body. */
  readonly digest: Uint8Array;
  /** `If-None-Match: *`: only where there is no such object. */
  readonly create?: boolean;
  /** `If-Match`: only where the object has this ETag. */
  readonly match?: string | undefined;
  readonly metadata?: Record<string, string>;
}

/** How an object is read. */
export interface ReadOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** `If-None-Match`: the ETag that the caller has. */
  readonly known?: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly context: FaultContext;
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

/** The requests of the adapter, one method each. What fails is a `ServiceFailure`. */
export class BucketRequests {
  /** What was learned about the service. */
  readonly traits: Traits;
  readonly #client: S3Client;
  readonly #name: string;

  constructor({ client, bucket, place }: CheckedOptions) {
    this.#client = client;
    this.#name = bucket;
    this.traits = traitsOf(client, place);
  }

  /** Writes an object; a request more, once, where the service refuses the checksum. Gives its ETag. */
  async put(object: ObjectToPut, signal: AbortSignal | undefined): Promise<string | undefined> {
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
    signal: AbortSignal | undefined,
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
    const { ETag } = await this.#send(signal, (abortSignal) => this.#client.send(command, { abortSignal }));
    return ETag;
  }

  /**
   * Reads an object.
   *
   * @returns `"unchanged"` where it has the ETag that the caller has
   * @throws TooLargeError `ERR_TOO_LARGE` past the limit
   * @throws IntegrityError `ERR_INTEGRITY` where the SDK found that it does not match the service's own checksum
   */
  get(key: string, options: ReadOptions & { readonly known?: undefined }): Promise<ReadObject>;
  get(key: string, options: ReadOptions): Promise<ReadObject | "unchanged">;
  get(key: string, { limit, known, signal, context, what }: ReadOptions): Promise<ReadObject | "unchanged"> {
    const command = new GetObjectCommand({
      Bucket: this.#name,
      Key: key,
      ...(known !== undefined && { IfNoneMatch: known }),
    });
    return this.#send(signal, async (abortSignal) => {
      try {
        const output = await this.#client.send(command, { abortSignal });
        const body = output.Body as Body | undefined;
        if (known !== undefined && output.ETag === known) {
          await discard(body);
          return "unchanged";
        }
        const { operation } = context;
        const content = await readBody(body, { limit, declared: output.ContentLength, operation, what });
        return { content, etag: output.ETag, metadata: output.Metadata };
      } catch (error) {
        if (known !== undefined && statusOf(error) === 304) return "unchanged";
        if (!(error instanceof Error && error.message.startsWith("Checksum mismatch"))) throw error;
        throw new IntegrityError(
          `Reading ${what} failed: the bytes do not match the checksum that the service sent with them.`,
          { operation: context.operation, cause: fromSdkError(error) },
        );
      }
    });
  }

  /**
   * Whether there is an object. Its first byte is asked for, and not its headers alone: only an answer with a body
   * tells a missing object from a missing bucket.
   */
  async has(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, Range: "bytes=0-0" });
    try {
      return await this.#send(signal, async (abortSignal) => {
        const output = await this.#client.send(command, { abortSignal });
        const body = output.Body as Body | undefined;
        // One byte is read, so that the connection can be used again.
        if (output.ContentLength !== 1) await discard(body);
        else await readBody(body, { limit: 1, declared: 1, operation: "storage.has", what: key });
        return true;
      });
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return false;
      // An object of 0 bytes has no first one.
      if (isFailure(error, 416)) return true;
      throw error;
    }
  }

  /** What the headers of an object say; `undefined`: there is none. */
  async head(key: string, signal: AbortSignal | undefined): Promise<ObjectHeaders | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#name, Key: key, ChecksumMode: "ENABLED" });
    try {
      const output = await this.#send(signal, (abortSignal) => this.#client.send(command, { abortSignal }));
      return { length: output.ContentLength, checksum: output.ChecksumSHA256, etag: output.ETag };
    } catch (error) {
      if (isFailure(error, 404)) return undefined;
      throw error;
    }
  }

  /** Removes an object; a missing one is no error. */
  async delete(key: string, signal: AbortSignal | undefined): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#name, Key: key });
    try {
      await this.#send(signal, (abortSignal) => this.#client.send(command, { abortSignal }));
    } catch (error) {
      if (!isFailure(error, "NoSuchKey")) throw error;
    }
  }

  /** One page of the keys that begin with a prefix, and where the next page begins. */
  async list(
    prefix: string,
    from: string | undefined,
    context: FaultContext,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | undefined }> {
    const command = new ListObjectsV2Command({
      Bucket: this.#name,
      Prefix: prefix,
      ...(from !== undefined && { ContinuationToken: from }),
    });
    const output = await this.#send(signal, async (abortSignal) => {
      try {
        return await this.#client.send(command, { abortSignal });
      } catch (error) {
        // In workers, the SDK has no parser for what came.
        return listFromText(unparsedText(error)) ?? Promise.reject(error);
      }
    });
    if (output.IsTruncated === undefined) {
      throw new UnreachableError(
        `While ${context.action}, something answered that is no list. Check that the endpoint is that of an S3 interface.`,
        { operation: context.operation },
      );
    }
    const next = output.IsTruncated === true ? output.NextContinuationToken : undefined;
    if (output.IsTruncated === true && (next === undefined || next === from)) {
      throw new UnreachableError(
        `While ${context.action}, the service said that there is more and not where. What was listed is not all.`,
        { operation: context.operation },
      );
    }
    return { keys: (output.Contents ?? []).flatMap(({ Key }) => Key ?? []), next };
  }

  async #send<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withAbort([signal], async (inner) => {
      try {
        return await work(inner);
      } catch (error) {
        throw isRemoteLogError(error) ? error : fromSdkError(error);
      }
    });
  }
}

/** Whether a service refused conditions as such, rather than finding that they do not hold. */
export function refusesConditions(error: unknown): error is ServiceFailure {
  return (
    isFailure(error, 501) || (isFailure(error, 400) && /if-(none-)?match|condition/i.test(error.message))
  );
}

function refusesChecksum(error: unknown, { create, match }: ObjectToPut): boolean {
  if (!isFailure(error, 400, 501)) return false;
  // It knows checksums, and found that this one is wrong.
  if (/Mismatch|Digest/.test(error.code) || /match/i.test(error.message)) return false;
  const unconditional = create !== true && match === undefined;
  return /checksum/i.test(error.message) || (error.status === 501 && unconditional);
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
