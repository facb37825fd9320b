// Reads what a request asks for.

import type { IncomingMessage } from "node:http";
import { S3Failure } from "./failure.ts";

/** What a request asks for, by the name that S3 gives it. */
export type S3Operation =
  | "CreateBucket"
  | "HeadBucket"
  | "DeleteBucket"
  | "ListObjectsV2"
  | "PutObject"
  | "GetObject"
  | "HeadObject"
  | "DeleteObject"
  | "Preflight"
  | "Other";

/** Headers by name in lower case. If a header came more than once, its values are joined by `, `. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A request, taken apart. */
export interface S3Request {
  readonly operation: S3Operation;
  /** In upper case. */
  readonly method: string;
  /** The path as it was sent, which is what is signed. */
  readonly path: string;
  /** Decoded; values in the order in which they came. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: Headers;
  /** Empty if the request names none. */
  readonly bucket: string;
  /** Decoded; empty if the request names none. */
  readonly key: string;
}

/** What asks for another operation than the plain one, which this server has not. */
const SUBRESOURCES = new Set(
  [
    "accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle",
    "location logging metrics notification object-lock ownershipControls partNumber policy policyStatus",
    "publicAccessBlock replication requestPayment restore retention select tagging torrent uploadId uploads",
    "versionId versioning versions website append",
  ].flatMap((line) => line.split(" ")),
);

/**
 * Takes a request apart (path-style addressing).
 *
 * @throws S3Failure `InvalidURI` if the path is not percent-encoded UTF-8
 */
export function parseRequest(incoming: IncomingMessage): S3Request {
  const method = incoming.method ?? "GET";
  const [path = "/", search = ""] = splitOnce(incoming.url ?? "/", "?");
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) {
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  const [bucket = "", key = ""] = splitOnce(path.slice(1), "/").map(decodePath);
  const headers = readHeaders(incoming);
  const operation = operationOf(method, bucket, key, query, headers);
  return { operation, method, path, query, headers, bucket, key };
}

function operationOf(
  method: string,
  bucket: string,
  key: string,
  query: ReadonlyMap<string, readonly string[]>,
  headers: Headers,
): S3Operation {
  if (method === "OPTIONS") return "Preflight";
  if (bucket === "" || [...query.keys()].some((name) => SUBRESOURCES.has(name))) return "Other";
  if (key === "") {
    if (method === "GET") return query.get("list-type")?.[0] === "2" ? "ListObjectsV2" : "Other";
    if (method === "PUT") return "CreateBucket";
    if (method === "HEAD") return "HeadBucket";
    return method === "DELETE" ? "DeleteBucket" : "Other";
  }
  if (method === "GET") return "GetObject";
  if (method === "PUT") return headers["x-amz-copy-source"] === undefined ? "PutObject" : "Other";
  if (method === "HEAD") return "HeadObject";
  return method === "DELETE" ? "DeleteObject" : "Other";
}

function readHeaders(incoming: IncomingMessage): Headers {
  const headers: Record<string, string> = {};
  // Of some headers that come twice, `headers` keeps one alone; all of them are signed.
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    headers[name] = (values ?? []).join(",");
  }
  return headers;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Failure(400, "InvalidURI", "Couldn't parse the specified URI.", { fields: { URI: text } });
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
