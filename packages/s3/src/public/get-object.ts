// One object over plain HTTP, by `fetch`: from a bucket, from a CDN before it, or from any web server that has a copy.

import { type ByteRange, isRemoteLogError } from "@remote-log/core";
import {
  type Call,
  discardBody,
  type Fetch,
  fetchReply,
  parseRetryAfter,
  type ReadErrorTextOptions,
  rangeHeader,
  readBody,
  readErrorText,
  readRange,
  throwIfAborted,
  webPageCame,
  withDeadline,
} from "@remote-log/core/adapter";
import { transferMilliseconds } from "../limits.ts";
import { ServiceFailure } from "../service/service-failure.ts";
import { unanswered } from "../service/unanswered.ts";

/** How an object is read over plain HTTP. */
export interface GetRequest {
  /** How long the server may take to answer, in milliseconds; a content gets more, by its limit. */
  readonly answerMilliseconds: number;
  /** The whole URL. */
  readonly url: string;
  /** The most bytes to take. */
  readonly limit: number;
  /** `If-None-Match`: the ETag that the caller has. */
  readonly known?: string | undefined;
  /** Asks for the first byte alone. */
  readonly first?: boolean | undefined;
  /** Asks for a part alone. */
  readonly range?: ByteRange | undefined;
  /**
   * What the HTTP cache of a browser may do: serve what it has, ask first whether that is still the newest, or forget it.
   */
  readonly cache: "default" | "no-cache" | "reload";
  /** What is read, for an error. */
  readonly what: string;
  /** Default: the runtime's `fetch`. */
  readonly fetch: Fetch | undefined;
}

/** What came of it. */
export type GetReply =
  | { readonly status: "found"; readonly content: Uint8Array; readonly etag: string | null }
  | { readonly status: "unchanged" }
  | { readonly status: "absent" };

/**
 * Reads an object, without credentials, and follows no redirect.
 *
 * @throws ServiceFailure whatever else the service answered, or that no answer came
 * @throws TooLargeError `ERR_TOO_LARGE` past the limit
 */
export async function getObject(request: GetRequest, call: Call): Promise<GetReply> {
  const milliseconds = request.answerMilliseconds + transferMilliseconds(request.limit);
  const deadline = {
    milliseconds,
    operation: call.context.operation,
    backend: request.url,
    signal: call.signal,
  };
  try {
    return await withDeadline(deadline, (signal) => send(request, { ...call, signal }));
  } catch (error) {
    throwIfAborted(call.signal);
    if (isRemoteLogError(error) || error instanceof ServiceFailure) throw error;
    throw unanswered(error);
  }
}

async function send(
  { url, limit, known, first = false, range, cache, what, fetch }: GetRequest,
  { signal, context }: Call,
): Promise<GetReply> {
  const response = await fetchReply({
    url,
    method: "GET",
    signal,
    context,
    fetch,
    // With another mode, a browser would take an answer to a condition of ours for one to a condition of its cache.
    cache: known === undefined ? cache : "no-store",
    headers: {
      // Compressed bytes would be counted wrongly, and make a weak ETag. Browsers set this header themselves.
      "accept-encoding": "identity",
      ...(known !== undefined && { "if-none-match": known }),
      ...(first && { range: "bytes=0-0" }),
      ...(range && { range: rangeHeader(range) }),
    },
  });
  const { status } = response;
  if (status === 304 && known !== undefined) {
    await discardBody(response);
    return { status: "unchanged" };
  }
  if (first && status === 200 && isHtml(response)) {
    // A server that has the object answers with its first byte alone, or with bytes of no such type.
    await discardBody(response);
    throw webPageCame(context.operation, what);
  }
  if (first && (status === 200 || status === 206 || status === 416)) {
    await discardBody(response);
    return { status: "found", content: new Uint8Array(0), etag: null };
  }
  if (range && (status === 200 || status === 206 || status === 416)) {
    const content = await readRange(response, range, { operation: context.operation, what });
    return { status: "found", content, etag: null };
  }
  if (status !== 200) return failed(response, { operation: context.operation, signal });
  const content = await readBody(response, { limit, operation: context.operation, what });
  return { status: "found", content, etag: response.headers.get("etag") };
}

function isHtml({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

async function failed(response: Response, options: ReadErrorTextOptions): Promise<GetReply> {
  const { status, headers } = response;
  const text = await readErrorText(response, options);
  const isBucketMissing = status === 404 && /\b(NoSuchBucket|NoSuchWebsiteConfiguration)\b/.test(text);
  // A CDN, or another web server, has its own page for what is not there.
  if (status === 410 || (status === 404 && !isBucketMissing)) return { status: "absent" };
  // If a bucket is served as a web site, its errors are pages, and no XML.
  const code = isBucketMissing ? "NoSuchBucket" : (/<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? "");
  throw new ServiceFailure({
    code,
    status,
    text: /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? response.statusText,
    requestId: headers.get("x-amz-request-id") ?? undefined,
    retryAfterMilliseconds: parseRetryAfter(headers.get("retry-after")),
  });
}
