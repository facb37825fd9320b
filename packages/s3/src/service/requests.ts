// The requests of the adapter, one method each (Amazon S3 REST API), through the client of the application.

import { type ByteRange, IntegrityError, isRemoteLogError, UnreachableError } from "@remote-log/core";
import {
  type Call,
  discardBody,
  rangeHeader,
  readBody,
  readRange,
  throwIfAborted,
  webPageCame,
  withDeadline,
} from "@remote-log/core/adapter";
import { transferMilliseconds } from "../limits.ts";
import { revisionOf } from "./etag.ts";
import type { ObjectHeaders, S3Service } from "./s3-service.ts";
import { isFailure, ServiceFailure } from "./service-failure.ts";
import { type Traits, traitsOf } from "./traits.ts";

/** Where the requests go. */
export interface Bucket {
  readonly service: S3Service;
  /** `s3://bucket/prefix`: what is learned about a service is kept for this place. */
  readonly place: string;
  /** How long the service may take to answer a request, in milliseconds; a content gets more, by its length. */
  readonly answerMilliseconds: number;
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
  /** `If-None-Match`: the revision that the caller has. */
  readonly known?: string | undefined;
  /** What is read, for an error: `"the content b…"`. */
  readonly what: string;
}

/**
 * An ETag that no object has. A request with a condition passes by the cache of a browser (Fetch, "HTTP-network-or-cache fetch"), which
 * would otherwise answer for a while with what was there before: S3 says of no object how long it is fresh, so browsers guess.
 */
const NO_ETAG = '"00000000000000000000000000000000"';

/** An object that was read. */
export interface ReadObject {
  readonly content: Uint8Array;
  readonly etag: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/**
 * The requests to one bucket. What fails is a `ServiceFailure`; what takes too long is a `TimeoutError`. However long a service
 * makes its answers, they are read up to a limit.
 */
export class BucketRequests {
  /** What was learned about the service. */
  readonly traits: Traits;
  readonly #service: S3Service;
  readonly #place: string;
  readonly #answerMilliseconds: number;

  constructor({ service, place, answerMilliseconds }: Bucket) {
    this.#service = service;
    this.#place = place;
    this.#answerMilliseconds = answerMilliseconds;
    this.traits = traitsOf(service.client, place);
  }

  /** Writes an object; with a second request, once, if the service refuses the checksum. Gives its ETag. */
  async put(object: ObjectToPut, call: Call): Promise<string | undefined> {
    const checksum = this.traits.checksums;
    try {
      return await this.#put(object, checksum, call);
    } catch (error) {
      if (!checksum || !refusesChecksum(error, object)) throw error;
      const etag = await this.#put(object, false, call);
      this.traits.checksums = false;
      return etag;
    }
  }

  #put(object: ObjectToPut, checksum: boolean, call: Call): Promise<string | undefined> {
    return this.#inTime(object.body.length, call, (signal) =>
      this.#service.put({ ...object, checksum }, signal),
    );
  }

  /**
   * Reads an object.
   *
   * @returns `"unchanged"` if it has the ETag that the caller has
   * @throws TooLargeError `ERR_TOO_LARGE` past the limit
   * @throws IntegrityError `ERR_INTEGRITY` if the client found that it does not match the service's own checksum
   */
  get(key: string, options: ReadOptions & { readonly known?: undefined }, call: Call): Promise<ReadObject>;
  get(key: string, options: ReadOptions, call: Call): Promise<ReadObject | "unchanged">;
  async get(key: string, { limit, known, what }: ReadOptions, call: Call): Promise<ReadObject | "unchanged"> {
    const { operation } = call.context;
    const read = async (signal: AbortSignal): Promise<ReadObject | "unchanged"> => {
      const found = await this.#service.get({ key, ifNoneMatch: known ?? NO_ETAG }, signal);
      const { body, etag, metadata } = found;
      if (known !== undefined && revisionOf(etag) === known) {
        await discardBody(body);
        return "unchanged";
      }
      const content = await readBody(body, { limit, declared: found.length, operation, what });
      return { content, etag, metadata };
    };
    try {
      return await this.#inTime(limit, call, read);
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
   * Reads a part of an object; what lies past its end is left out.
   *
   * @throws UnsupportedError `ERR_UNSUPPORTED`, UnreachableError `ERR_UNREACHABLE` if anything else came
   */
  async getRange(key: string, range: ByteRange, what: string, call: Call): Promise<Uint8Array> {
    const { operation } = call.context;
    const read = async (signal: AbortSignal): Promise<Uint8Array> => {
      const asked = { key, ifNoneMatch: NO_ETAG, range: rangeHeader(range) };
      const { body, status, contentRange } = await this.#service.get(asked, signal);
      return readRange({ ...body, status, contentRange }, range, { operation, what });
    };
    try {
      return await this.#inTime(range.length, call, read);
    } catch (error) {
      // The object ends before it.
      if (isFailure(error, 416)) return new Uint8Array(0);
      throw error;
    }
  }

  /**
   * Whether there is an object. Its first byte is asked for, and not its headers alone: only an answer with a body
   * tells a missing object from a missing bucket.
   */
  async has(key: string, call: Call): Promise<boolean> {
    const look = async (signal: AbortSignal): Promise<true> => {
      const asked = { key, ifNoneMatch: NO_ETAG, range: "bytes=0-0" };
      const { body, length, contentRange, contentType } = await this.#service.get(asked, signal);
      // One byte is read, so that the connection can be used again.
      const isOne = length === 1;
      if (!isOne) await discardBody(body);
      // A service that has the object answers with a part of it, or with bytes of no such type.
      if (contentRange === undefined && /^text\/html\b/i.test(contentType ?? "")) {
        throw webPageCame("storage.has", key);
      }
      if (isOne) await readBody(body, { limit: 1, operation: "storage.has", what: key });
      return true;
    };
    try {
      return await this.#inTime(0, call, look);
    } catch (error) {
      if (isFailure(error, "NoSuchKey")) return false;
      // An object of 0 bytes has no first one.
      if (isFailure(error, 416)) return true;
      throw error;
    }
  }

  /** What the headers of an object say; `undefined` if there is none. */
  async head(key: string, call: Call): Promise<ObjectHeaders | undefined> {
    try {
      return await this.#inTime(0, call, (signal) => this.#service.head(key, signal));
    } catch (error) {
      if (isFailure(error, 404)) return undefined;
      throw error;
    }
  }

  /** Removes an object; a missing one is no error. */
  async delete(key: string, call: Call): Promise<void> {
    try {
      await this.#inTime(0, call, (signal) => this.#service.delete(key, signal));
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
    call: Call,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | undefined }> {
    const { operation, action } = call.context;
    const listing = (signal: AbortSignal) => this.#service.list(prefix, from, signal);
    const { IsTruncated, NextContinuationToken, Contents = [] } = await this.#inTime(0, call, listing);
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

  /** Does the work of one request in its time, and makes a `ServiceFailure` of what the client throws. */
  async #inTime<T>(
    bytes: number,
    { signal, context: { operation } }: Call,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const milliseconds = this.#answerMilliseconds + transferMilliseconds(bytes);
    try {
      return await withDeadline({ milliseconds, operation, backend: this.#place, signal }, work);
    } catch (error) {
      throwIfAborted(signal);
      throw isRemoteLogError(error) || error instanceof ServiceFailure
        ? error
        : this.#service.failureOf(error);
    }
  }
}

function refusesChecksum(error: unknown, { create, match }: ObjectToPut): boolean {
  if (!isFailure(error, 400, 501)) return false;
  // It knows checksums, and found that this one is wrong.
  if (/Mismatch|Digest/.test(error.code) || /match/i.test(error.text)) return false;
  const isUnconditional = create !== true && match === undefined;
  return /checksum/i.test(error.text) || (error.status === 501 && isUnconditional);
}
