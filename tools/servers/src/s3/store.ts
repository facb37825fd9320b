// What our own S3 server keeps: buckets with objects, in memory.

import { createHash } from "node:crypto";
import type { Checksum } from "./checksums.ts";
import { noSuchBucket, S3Failure } from "./failure.ts";

/** An object as it is kept. */
export interface StoredObject {
  readonly content: Uint8Array;
  /** MD5 of the content in hexadecimal, without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds, as in `Last-Modified`. */
  readonly lastModified: number;
  /** Headers that came with the object and go out with it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum;
}

/** A key: what it holds, and what it held before. */
export interface KeyState {
  /** `undefined` after a delete. */
  readonly current: StoredObject | undefined;
  /** `undefined` if the current one is the first. */
  readonly previous: StoredObject | undefined;
  /** How often the key was written or deleted. */
  readonly changes: number;
}

const UNTOUCHED: KeyState = { current: undefined, previous: undefined, changes: 0 };

/** Objects in memory, in buckets. Every method is one step that nothing comes between. */
export class ObjectStore {
  readonly #buckets = new Map<string, Map<string, KeyState>>();
  readonly #maximumBytes: number;
  #bytes = 0;

  /** @param maximumBytes - how much is kept at most, earlier versions included */
  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
  }

  /** `false` if there is such a bucket already. */
  createBucket(bucket: string): boolean {
    if (this.#buckets.has(bucket)) return false;
    this.#buckets.set(bucket, new Map());
    return true;
  }

  hasBucket(bucket: string): boolean {
    return this.#buckets.has(bucket);
  }

  /** @throws S3Failure `NoSuchBucket`, `BucketNotEmpty` */
  deleteBucket(bucket: string): void {
    const keys = this.#keys(bucket);
    if ([...keys.values()].some(({ current }) => current !== undefined)) {
      throw new S3Failure(409, "BucketNotEmpty", "The bucket you tried to delete is not empty", {
        fields: { BucketName: bucket },
      });
    }
    for (const state of keys.values()) this.#bytes -= sizeOf(state);
    this.#buckets.delete(bucket);
  }

  /** @throws S3Failure `NoSuchBucket` */
  read(bucket: string, key: string): KeyState {
    return this.#keys(bucket).get(key) ?? UNTOUCHED;
  }

  /**
   * Makes an object (`undefined`: none) what a key holds.
   *
   * @throws S3Failure `NoSuchBucket`; 507 `QuotaExceeded` if the store would hold too much
   */
  write(bucket: string, key: string, object: StoredObject | undefined): void {
    const keys = this.#keys(bucket);
    const before = keys.get(key) ?? UNTOUCHED;
    if (object === undefined && before.current === undefined) return;
    const after = { current: object, previous: before.current, changes: before.changes + 1 };
    const bytes = this.#bytes - sizeOf(before) + sizeOf(after);
    if (object !== undefined && bytes > this.#maximumBytes) {
      throw new S3Failure(507, "QuotaExceeded", "The server holds as much as it was told to hold.");
    }
    this.#bytes = bytes;
    keys.set(key, after);
  }

  /**
   * The objects of a bucket, in the order of their keys' UTF-8 bytes.
   *
   * @throws S3Failure `NoSuchBucket`
   */
  list(bucket: string): [key: string, object: StoredObject][] {
    const entries: [string, StoredObject][] = [];
    for (const [key, { current }] of this.#keys(bucket)) {
      if (current !== undefined) entries.push([key, current]);
    }
    return entries.sort(([a], [b]) => compareKeys(a, b));
  }

  #keys(bucket: string): Map<string, KeyState> {
    const keys = this.#buckets.get(bucket);
    if (keys === undefined) throw noSuchBucket(bucket);
    return keys;
  }
}

/** Compares two keys by their UTF-8 bytes. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The ETag of a content that was put in one piece, without quotes. */
export function etagOf(content: Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

function sizeOf({ current, previous }: KeyState): number {
  return (current?.content.length ?? 0) + (previous?.content.length ?? 0);
}
