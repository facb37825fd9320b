// Sends the requests of the SDK with a `fetch`: for proxies, and for whatever else an application has in the place of the
// runtime's. By itself, the SDK for Node.js opens connections on its own and asks no proxy.

import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { Fetch } from "@remote-log/core/adapter";

/** What an `S3Client` takes as `requestHandler`. */
export type S3RequestHandler = NonNullable<S3ClientConfig["requestHandler"]>;

/** A request as the SDK has made and signed it. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  /** Encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer as the SDK reads it. */
interface SdkResponse {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  readonly body: ReadableStream<Uint8Array>;
}

/** Headers that `fetch` makes itself, with the same values, or refuses. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "transfer-encoding",
]);

/**
 * A request handler for an `S3Client` that sends all requests by a `fetch`. It follows no redirect, and asks for no compression.
 *
 * @param fetch - sends the requests, such as `proxiedFetch()` of `@remote-log/cli`
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { fetchRequestHandler, s3Remote } from "@remote-log/s3";
 *
 * const client = new S3Client({ requestHandler: fetchRequestHandler((url, init) => fetch(url, init)) });
 * const remote = s3Remote({ client, bucket: "my-bucket" });
 * ```
 */
export function fetchRequestHandler(fetch: Fetch): S3RequestHandler {
  const handler = {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(
      request: SdkRequest,
      { abortSignal }: { readonly abortSignal?: AbortSignal | undefined } = {},
    ): Promise<{ response: SdkResponse }> {
      const { method } = request;
      const reply = await fetch(urlOf(request), {
        method,
        headers: headersOf(request),
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
        ...(abortSignal !== undefined && { signal: abortSignal }),
        // The adapter sends bytes alone, and those of a client's own commands are texts or bytes, too.
        ...(method !== "GET" && method !== "HEAD" && { body: request.body as BodyInit | null }),
      });
      const { status: statusCode, statusText: reason, headers, body } = reply;
      return {
        response: {
          statusCode,
          reason,
          headers: Object.fromEntries(headers),
          body: body ?? new Blob([]).stream(),
        },
      };
    },
    // There is nothing to set, and nothing to let go of.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
  return handler;
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one: string | null) => `${encode(name)}=${encode(one ?? "")}`,
    ),
  );
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`;
}

/** As signatures have it (RFC 3986): `encodeURIComponent` leaves a few characters as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headersOf({ headers }: SdkRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()));
  return { "accept-encoding": "identity", ...Object.fromEntries(kept) };
}
