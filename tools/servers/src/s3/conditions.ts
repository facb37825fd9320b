// Conditions of requests: If-Match, If-None-Match (RFC 9110, 13), as S3 takes them.

import { noSuchKey, notImplementedHeader, preconditionFailed, S3Failure } from "./failure.ts";
import type { Headers, S3Request } from "./request.ts";
import type { StoredObject } from "./store.ts";

/** How a server may differ from S3 in what it makes of conditions. */
export interface ConditionQuirks {
  /** An ETag in quotes never matches; without them it does. */
  readonly quotedRefused: boolean;
}

/** The condition of a write. */
export interface WriteCondition {
  readonly header: "If-None-Match" | "If-Match";
  readonly value: string;
}

/**
 * Reads the condition of a put or a delete.
 *
 * @returns `undefined` if it has none
 * @throws S3Failure `NotImplemented` if S3 has no such condition
 */
export function writeCondition(request: S3Request): WriteCondition | undefined {
  const ifNoneMatch = request.headers["if-none-match"];
  const ifMatch = request.headers["if-match"];
  if (ifNoneMatch !== undefined && ifMatch !== undefined) throw notImplementedHeader("If-Match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*" || request.operation === "DeleteObject") {
      throw notImplementedHeader("If-None-Match");
    }
    return { header: "If-None-Match", value: ifNoneMatch };
  }
  return ifMatch === undefined ? undefined : { header: "If-Match", value: ifMatch };
}

/**
 * Checks the condition of a write against what the key holds.
 *
 * @throws S3Failure `PreconditionFailed`; `NoSuchKey` if `If-Match` finds nothing
 */
export function checkWrite(
  condition: WriteCondition,
  key: string,
  object: StoredObject | undefined,
  quirks: ConditionQuirks,
): void {
  if (condition.header === "If-None-Match") {
    if (object !== undefined) throw preconditionFailed("If-None-Match");
    return;
  }
  if (object === undefined) throw noSuchKey(key);
  if (!matches(condition.value, object.etag, quirks)) throw preconditionFailed("If-Match");
}

/**
 * Checks the conditions of a read, in the order of RFC 9110.
 *
 * @returns `false` if the answer is 304
 * @throws S3Failure `PreconditionFailed`
 */
export function checkRead(headers: Headers, object: StoredObject): boolean {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = headers;
  const quirks = { quotedRefused: false };
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag, quirks)) throw preconditionFailed("If-Match");
  } else {
    const limit = dateIn(headers["if-unmodified-since"]);
    if (limit !== undefined && object.lastModified > limit) throw preconditionFailed("If-Unmodified-Since");
  }
  if (ifNoneMatch !== undefined) return !matches(ifNoneMatch, object.etag, quirks);
  const since = dateIn(headers["if-modified-since"]);
  return since === undefined || object.lastModified > since;
}

/** The answer if a read's `If-None-Match` or `If-Modified-Since` says that nothing has changed. */
export function notModified(headers: Readonly<Record<string, string>>): S3Failure {
  return new S3Failure(304, "NotModified", "Not Modified", { headers });
}

function matches(value: string, etag: string, { quotedRefused }: ConditionQuirks): boolean {
  const tokens = value.split(",").map((token) => token.trim());
  return tokens.some((token) => token === "*" || token === etag || (!quotedRefused && token === `"${etag}"`));
}

function dateIn(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}
