// Answers over HTTP, with what browsers of other origins need.

import type { IncomingMessage, ServerResponse } from "node:http";

/** Anybody may read: what is served is public, and verified by whoever reads it. */
const PUBLIC = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, content-range",
  "x-content-type-options": "nosniff",
};

/** What never changes under its URL. */
export const IMMUTABLE = "public, max-age=31536000, immutable";
/** What may change at any time. */
const NEWEST = "no-cache";

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly cache?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type = "text/plain; charset=utf-8", cache = NEWEST, headers = {} } = answer;
  const body = Buffer.from(answer.body ?? "");
  const length =
    status === 304 || status === 204 ? {} : { "content-length": body.length, "content-type": type };
  response.writeHead(status, { ...PUBLIC, "cache-control": cache, ...length, ...headers });
  response.end(request.method === "HEAD" || status === 304 ? undefined : body);
}

/** The answer to what is not there. */
export const NOT_FOUND: Answer = { status: 404, body: "There is nothing here.\n" };

/** The answer to a browser that asks whether it may. */
export const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "if-none-match, range",
    "access-control-max-age": "86400",
  },
};

/**
 * Reads the body of a request.
 *
 * @returns `undefined` if it is longer than the limit
 */
export async function readBodyOf(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > limit) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
