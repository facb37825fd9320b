import { isRemoteLogError, UnreachableError } from "@remote-log/core";
import { withAbort } from "../abort.ts";
import { discard, readBody } from "../body.ts";
import type { FaultContext } from "../errors.ts";
import { fromSdkError } from "../sdk-failure.ts";
import { ServiceFailure } from "../service-failure.ts";

/** How an object is read over plain HTTP. */
export interface GetRequest {
  /** The whole URL. */
  readonly url: string;
  /** The most bytes to take. */
  readonly limit: number;
  /** `If-None-Match`: the ETag that the caller has. */
  readonly known?: string | undefined;
  /** Asks for the first byte alone. */
  readonly first?: boolean;
  /**
   * What the HTTP cache of a browser may do: serve what it has, ask first whether that is still the newest, or forget it.
   */
  readonly cache: "default" | "no-cache" | "reload";
  readonly signal: AbortSignal | undefined;
  readonly context: FaultContext;
  /** What is read, for an error. */
  readonly what: string;
}

/** What came of it. */
export type GetReply =
  | { readonly status: "found"; readonly content: Uint8Array; readonly etag: string | null }
  | { readonly status: "unchanged" }
  | { readonly status: "absent" };

/** How much of an error's body is looked at. */
const ERROR_BYTES = 16 * 1024;

/**
 * Reads an object with `fetch`, without credentials, and follows no redirect.
 *
 * @throws ServiceFailure whatever else the service answered, or that no answer came
 * @throws TooLargeError `ERR_TOO_LARGE` past the limit
 */
export function getObject(request: GetRequest): Promise<GetReply> {
  return withAbort([request.signal], async (signal) => {
    try {
      return await send(request, signal);
    } catch (error) {
      if (isRemoteLogError(error) || error instanceof ServiceFailure) throw error;
      throw fromSdkError(error);
    }
  });
}

async function send(
  { url, limit, known, first, cache, context, what }: GetRequest,
  signal: AbortSignal,
): Promise<GetReply> {
  // Else a browser would take an answer to a condition of ours for one to a condition of its cache.
  const mode = known === undefined ? cache : "no-store";
  const response = await fetch(url, {
    signal,
    cache: mode,
    credentials: "omit",
    redirect: "manual",
    referrerPolicy: "no-referrer",
    headers: {
      // Compressed bytes would be counted wrongly, and make a weak ETag. Browsers set this header themselves.
      "accept-encoding": "identity",
      ...(known !== undefined && { "if-none-match": known }),
      ...(first === true && { range: "bytes=0-0" }),
    },
  });
  const { status } = response;
  const body = response.body ?? undefined;
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304)) {
    await discard(body);
    throw new UnreachableError(
      `While ${context.action}, the service sent a redirect, and none is followed: it might lead to another host. ` +
        "Use the URL that it leads to.",
      { operation: context.operation, retry: "never" },
    );
  }
  if (status === 304) {
    await discard(body);
    if (known !== undefined) return { status: "unchanged" };
  }
  if (first === true && (status === 200 || status === 206 || status === 416)) {
    await discard(body);
    return { status: "found", content: new Uint8Array(0), etag: null };
  }
  if (status !== 200) return failed(response);
  const declared = lengthOf(response);
  const content = await readBody(body, { limit, declared, operation: context.operation, what });
  return { status: "found", content, etag: response.headers.get("etag") };
}

async function failed(response: Response): Promise<GetReply> {
  const { status, headers } = response;
  const options = { limit: ERROR_BYTES, declared: undefined, operation: "s3.read", what: "an error" };
  const bytes = await readBody(response.body ?? undefined, options).catch(() => new Uint8Array(0));
  const text = new TextDecoder().decode(bytes);
  const isBucketMissing = status === 404 && /\b(NoSuchBucket|NoSuchWebsiteConfiguration)\b/.test(text);
  // A CDN, or another web server, has its own page for what is not there.
  if (status === 410 || (status === 404 && !isBucketMissing)) return { status: "absent" };
  // Where a bucket is served as a web site, its errors are pages, and no XML.
  const code = isBucketMissing ? "NoSuchBucket" : (/<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? "");
  throw new ServiceFailure({
    code,
    status,
    text: /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? response.statusText,
    server: headers.get("server") ?? undefined,
    region: headers.get("x-amz-bucket-region") ?? undefined,
    requestId: headers.get("x-amz-request-id") ?? undefined,
  });
}

function lengthOf(response: Response): number | undefined {
  // Where something on the way compressed it all the same, the header counts other bytes than those that come.
  const encoding = response.headers.get("content-encoding") ?? "identity";
  const text = response.headers.get("content-length");
  return text !== null && encoding === "identity" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
