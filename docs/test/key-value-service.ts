import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A service that was started. */
export interface KeyValueService {
  /** Where the keys begin: `"http://127.0.0.1:4000/kv/"`. */
  readonly url: string;
  /** How many requests it has answered. */
  requests(): number;
  /** Ends it, with every connection. */
  stop(): Promise<void>;
}

/** The largest value, in bytes. */
const LARGEST_VALUE = 1024 * 1024;
const LONGEST_KEY = 200;
/** How many keys one list names. */
const KEYS_AT_ONCE = 100;

interface Value {
  readonly bytes: Uint8Array;
  /** Counts all writes: no two values of a key ever have the same. */
  readonly etag: string;
}

/**
 * Starts the service of `docs/write-an-adapter.md`: `GET`, `HEAD`, `PUT` and `DELETE` of `/kv/<key>`, with ETags and
 * conditional requests (RFC 9110). Keys are 1 to 200 letters, digits, hyphens, dots and underscores; a value has at
 * most 1 MiB. `GET /kv/?after=<key>` lists the keys behind one, in order, 100 at once: `{ "keys": […], "more": true }`.
 * It keeps everything in memory.
 *
 * @param options - `room`: how many bytes all values may have together; over it, a write is answered with 507.
 * `token`: a request without it, as a bearer token, is answered with 401
 */
export async function startKeyValueService({
  room = Infinity,
  token,
}: {
  room?: number;
  token?: string;
} = {}): Promise<KeyValueService> {
  const values = new Map<string, Value>();
  let [requests, writes] = [0, 0];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests++;
    const end = (status: number, value?: Value, body?: Uint8Array): void => {
      if (value !== undefined) response.setHeader("etag", value.etag);
      response.writeHead(status).end(body);
    };
    const body = await bodyOf(request);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return end(401);
    const after =
      request.method === "GET" ? /^\/kv\/\?after=([\w.-]*)$/.exec(request.url ?? "")?.[1] : undefined;
    if (after !== undefined) return end(200, undefined, listed(values, after));
    const key = /^\/kv\/([\w.-]+)$/.exec(request.url ?? "")?.[1];
    if (key === undefined || key.length > LONGEST_KEY) return end(400);
    // From here on nothing is awaited: between a condition and the write that it guards nothing can happen.
    const held = values.get(key);
    const { "if-match": match, "if-none-match": noneMatch } = request.headers;
    if (match !== undefined && !matches(match, held)) return end(412);
    const reads = request.method === "GET" || request.method === "HEAD";
    if (noneMatch !== undefined && matches(noneMatch, held)) return end(reads ? 304 : 412, held);
    if (reads) {
      if (held === undefined) return end(404);
      response.setHeader("content-length", held.bytes.length);
      return end(200, held, request.method === "GET" ? held.bytes : undefined);
    }
    if (request.method === "DELETE") return end(values.delete(key) ? 204 : 404);
    if (request.method !== "PUT") return end(405);
    if (body === undefined) return end(413);
    if (usedBy(values) - (held?.bytes.length ?? 0) + body.length > room) return end(507);
    const value = { bytes: body, etag: `"${++writes}"` };
    values.set(key, value);
    return end(held === undefined ? 201 : 204, value);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/kv/`,
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether a list of ETags, or `*`, names what a key holds. */
function matches(list: string, held: Value | undefined): boolean {
  if (held === undefined) return false;
  return list.split(",").some((tag) => ["*", held.etag].includes(tag.trim()));
}

/** The whole body; `undefined` if it is larger than a value may be. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size <= LARGEST_VALUE) chunks.push(chunk);
  }
  return size <= LARGEST_VALUE ? Buffer.concat(chunks) : undefined;
}

/** The first keys behind one, as JSON. */
function listed(values: ReadonlyMap<string, Value>, after: string): Uint8Array {
  const keys = [...values.keys()].filter((key) => key > after).sort();
  const page = { keys: keys.slice(0, KEYS_AT_ONCE), more: keys.length > KEYS_AT_ONCE };
  return new TextEncoder().encode(JSON.stringify(page));
}

function usedBy(values: ReadonlyMap<string, Value>): number {
  let used = 0;
  for (const { bytes } of values.values()) used += bytes.length;
  return used;
}
