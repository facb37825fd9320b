// Objects, from the request that stores them to the answer that shows them.

import { type Checksum, checksumHeader } from "./checksums.ts";
import { checkRead, notModified } from "./conditions.ts";
import { noSuchKey, S3Failure } from "./failure.ts";
import type { Reply } from "./reply.ts";
import type { Headers, S3Request } from "./request.ts";
import { etagOf, type StoredObject } from "./store.ts";

/** Headers that are kept with an object, besides `x-amz-meta-*`. */
const KEPT = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/** Makes an object of a content that was put. @param now - milliseconds since 1970 */
export function newObject(
  headers: Headers,
  content: Uint8Array,
  checksum: Checksum,
  now: number,
): StoredObject {
  return {
    content,
    etag: etagOf(content),
    lastModified: Math.floor(now / 1000) * 1000,
    headers: keptHeaders(headers),
    checksum,
  };
}

/** The answer to a put. */
export function putReply(object: StoredObject): Reply {
  return { status: 200, headers: { etag: `"${object.etag}"`, ...checksumHeaders(object) } };
}

/**
 * The answer to a get or a head.
 *
 * @throws S3Failure `NoSuchKey`, `PreconditionFailed`, `InvalidRange`; 304
 */
export function readReply(request: S3Request, object: StoredObject | undefined): Reply {
  if (object === undefined) throw noSuchKey(request.key);
  const validators = {
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.lastModified).toUTCString(),
  };
  if (!checkRead(request.headers, object)) throw notModified(validators);
  const size = object.content.length;
  const range = readRange(request.headers["range"], size);
  const wantsChecksum = request.headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
  const [first, end] = range ?? [0, size];
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...object.headers,
      ...validators,
      "accept-ranges": "bytes",
      "content-length": String(end - first),
      ...(range !== undefined && { "content-range": `bytes ${first}-${end - 1}/${size}` }),
      // It is a checksum of all of the content.
      ...(wantsChecksum && end - first === size && checksumHeaders(object)),
    },
    ...(request.operation === "GetObject" && { body: object.content.subarray(first, end), isContent: true }),
  };
}

function checksumHeaders({ checksum }: StoredObject): Record<string, string> {
  return { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": "FULL_OBJECT" };
}

function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { "content-type": headers["content-type"] ?? "binary/octet-stream" };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && (KEPT.includes(name) || name.startsWith("x-amz-meta-"))) kept[name] = value;
  }
  // That one was for the way here.
  const encodings = kept["content-encoding"]?.split(",").filter((name) => name.trim() !== "aws-chunked");
  if (encodings?.length === 0) delete kept["content-encoding"];
  else if (encodings !== undefined) kept["content-encoding"] = encodings.join(",").trim();
  return kept;
}

/** The first byte and the one after the last; `undefined` if all of the content is meant. */
function readRange(header: string | undefined, size: number): [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || header === undefined) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size : Math.min(size, Number(to) + 1);
  if (first >= end) {
    throw new S3Failure(416, "InvalidRange", "The requested range is not satisfiable", {
      fields: { RangeRequested: header, ActualObjectSize: String(size) },
      headers: { "content-range": `bytes */${size}` },
    });
  }
  return [first, end];
}
