// ListObjectsV2.

import { invalidArgument } from "./failure.ts";
import { type Reply, xmlReply } from "./reply.ts";
import type { S3Request } from "./request.ts";
import { compareKeys, type ObjectStore, type StoredObject } from "./store.ts";
import { S3_NAMESPACE, type XmlElement } from "./xml.ts";

const LARGEST_PAGE = 1000;

interface Page {
  readonly objects: readonly [key: string, object: StoredObject][];
  readonly prefixes: readonly string[];
  /** The last key, or group of keys, of a page that is not the last one. */
  readonly next: string | undefined;
}

/** Lists a page of a bucket (ListObjectsV2). @throws S3Failure `InvalidArgument`, `NoSuchBucket` */
export function listObjects(store: ObjectStore, { bucket, query }: S3Request): Reply {
  const value = (name: string): string | undefined => query.get(name)?.[0];
  const prefix = value("prefix") ?? "";
  const delimiter = value("delimiter") ?? "";
  const startAfter = value("start-after");
  const token = value("continuation-token");
  const maximum = readMaximum(value("max-keys"));
  const encode = readEncoding(value("encoding-type"));
  const after = token === undefined ? (startAfter ?? "") : decodeToken(token);
  const page = readPage(store.list(bucket), { prefix, delimiter, after, maximum });
  const elements: XmlElement[] = [
    ["Name", bucket],
    ["Prefix", encode(prefix)],
    ...optional("StartAfter", startAfter === undefined ? undefined : encode(startAfter)),
    ...optional("ContinuationToken", token),
    ...optional("NextContinuationToken", page.next === undefined ? undefined : encodeToken(page.next)),
    ["KeyCount", String(page.objects.length + page.prefixes.length)],
    ["MaxKeys", String(maximum)],
    ...optional("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    ...optional("EncodingType", value("encoding-type")),
    ["IsTruncated", String(page.next !== undefined)],
    ...page.objects.map(([key, object]) => contents(encode(key), object)),
    ...page.prefixes.map((group): XmlElement => ["CommonPrefixes", [["Prefix", encode(group)]]]),
  ];
  return xmlReply(200, ["ListBucketResult", elements], S3_NAMESPACE);
}

function readPage(
  entries: readonly [string, StoredObject][],
  options: { prefix: string; delimiter: string; after: string; maximum: number },
): Page {
  const { prefix, delimiter, after, maximum } = options;
  const objects: [string, StoredObject][] = [];
  const prefixes = new Set<string>();
  let last: string | undefined;
  for (const [key, object] of entries) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const group = end === -1 ? undefined : key.slice(0, end + delimiter.length);
    if (compareKeys(key, after) <= 0 || (group !== undefined && (group === after || prefixes.has(group)))) {
      continue;
    }
    // A page of no keys at all never says that there is more.
    if (objects.length + prefixes.size >= maximum) return { objects, prefixes: [...prefixes], next: last };
    if (group === undefined) objects.push([key, object]);
    else prefixes.add(group);
    last = group ?? key;
  }
  return { objects, prefixes: [...prefixes], next: undefined };
}

function contents(key: string, { lastModified, etag, content, checksum }: StoredObject): XmlElement {
  return [
    "Contents",
    [
      ["Key", key],
      ["LastModified", new Date(lastModified).toISOString()],
      ["ETag", `"${etag}"`],
      ["ChecksumAlgorithm", checksum.algorithm.toUpperCase()],
      ["ChecksumType", "FULL_OBJECT"],
      ["Size", String(content.length)],
      ["StorageClass", "STANDARD"],
    ],
  ];
}

function readMaximum(text: string | undefined): number {
  if (text === undefined) return LARGEST_PAGE;
  const count = Number(text);
  if (!/^-?\d+$/.test(text) || count > 2 ** 31 - 1) {
    throw invalidArgument("Provided max-keys not an integer or within integer range", "max-keys", text);
  }
  if (count < 0)
    throw invalidArgument("Argument maxKeys must be an integer between 0 and 2147483647", "max-keys", text);
  return Math.min(count, LARGEST_PAGE);
}

function readEncoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== "url")
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type);
  // As in a form, but slashes stay.
  return (text) =>
    encodeURIComponent(text)
      .replaceAll("%2F", "/")
      .replaceAll("%20", "+")
      .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodeToken(key: string): string {
  return Buffer.from(`1:${key}`).toString("base64url");
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith("1:")) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return text.slice(2);
}

function optional(name: string, text: string | undefined): XmlElement[] {
  return text === undefined ? [] : [[name, text]];
}
