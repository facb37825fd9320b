// The requests by the client of the AWS SDK.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { encodeBase64 } from "@remote-log/core/adapter";
import { bodyOf, bounded } from "./bounded.ts";
import { listFromText } from "./list-text.ts";
import type { GetInput, ListPage, ObjectHeaders, PutInput, S3Service, ServiceObject } from "./s3-service.ts";
import { fromSdkError, unparsedText } from "./sdk-failure.ts";
import { sentOnce } from "./sent-once.ts";

/** A bucket, reached by an `S3Client` of the SDK. */
export class SdkService implements S3Service {
  readonly client: S3Client;
  readonly failureOf: S3Service["failureOf"] = fromSdkError;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.#bucket = bucket;
  }

  async put(input: PutInput, abortSignal: AbortSignal): Promise<string | undefined> {
    const { key, body, digest, checksum, create, match, metadata } = input;
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: body,
      ContentType: "application/octet-stream",
      ...(checksum && { ChecksumSHA256: encodeBase64(digest) }),
      ...(create && { IfNoneMatch: "*" }),
      ...(match !== undefined && { IfMatch: match }),
      ...(metadata && { Metadata: { ...metadata } }),
    });
    const { ETag } = await this.client.send(sentOnce(bounded(command, "nothing")), { abortSignal });
    return ETag;
  }

  async get({ key, ifNoneMatch, range }: GetInput, abortSignal: AbortSignal): Promise<ServiceObject> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      IfNoneMatch: ifNoneMatch,
      ...(range !== undefined && { Range: range }),
    });
    const output = await this.client.send(sentOnce(bounded(command, "content")), { abortSignal });
    return {
      status: output.$metadata.httpStatusCode,
      body: bodyOf(output.Body),
      length: output.ContentLength,
      etag: output.ETag,
      metadata: output.Metadata,
      contentType: output.ContentType,
      contentRange: output.ContentRange,
    };
  }

  async head(key: string, abortSignal: AbortSignal): Promise<ObjectHeaders> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key, ChecksumMode: "ENABLED" });
    const output = await this.client.send(sentOnce(bounded(command, "nothing")), { abortSignal });
    return { length: output.ContentLength, checksum: output.ChecksumSHA256, etag: output.ETag };
  }

  async delete(key: string, abortSignal: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key });
    await this.client.send(sentOnce(bounded(command, "nothing")), { abortSignal });
  }

  list(prefix: string, from: string | undefined, abortSignal: AbortSignal): Promise<ListPage> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      ...(from !== undefined && { ContinuationToken: from }),
    });
    return (
      this.client
        .send(sentOnce(bounded(command, "list")), { abortSignal })
        // In workers, the SDK has no parser for what came.
        .catch((error: unknown) => listFromText(unparsedText(error)) ?? Promise.reject(error))
    );
  }
}
