// Contents and names of a copy, in the layout of a public bucket: what `@remote-log/s3/public` reads.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { type Answer, IMMUTABLE, NOT_FOUND } from "./answers.ts";

/** The answer to a request for a file of a copy; only names of 64 hexadecimal digits are looked for. */
export async function objectAnswer(
  folder: string,
  path: string,
  { headers }: IncomingMessage,
): Promise<Answer> {
  const [, kind, file] = /^(contents|names)\/([0-9a-f]{64})$/.exec(path) ?? [];
  if (kind === undefined || file === undefined) return NOT_FOUND;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, kind, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NOT_FOUND;
    throw error;
  }
  const etag = `"${kind === "contents" ? file : createHash("sha256").update(bytes).digest("hex")}"`;
  const type = "application/octet-stream";
  const cache = kind === "contents" ? { cache: IMMUTABLE } : {};
  if (headers["if-none-match"] === etag) return { status: 304, ...cache, headers: { etag } };
  const part = rangeOf(headers.range, bytes.length);
  if (part === undefined)
    return { status: 200, type, body: bytes, ...cache, headers: { etag, "accept-ranges": "bytes" } };
  if (part === "outside") return { status: 416, headers: { "content-range": `bytes */${bytes.length}` } };
  const [from, to] = part;
  const range = `bytes ${from}-${to - 1}/${bytes.length}`;
  return {
    status: 206,
    type,
    body: bytes.subarray(from, to),
    ...cache,
    headers: { etag, "content-range": range },
  };
}

/** One range of bytes, from and to; `undefined` for all, also if it is of a kind that need not be answered (RFC 9110 §14.2). */
function rangeOf(
  header: string | undefined,
  length: number,
): readonly [number, number] | "outside" | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  const from = Number(first);
  const to = last === "" || last === undefined ? length : Math.min(length, Number(last) + 1);
  return from < to ? [from, to] : "outside";
}
