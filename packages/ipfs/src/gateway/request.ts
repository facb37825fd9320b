// One question to a gateway (Trustless Gateway Specification, "HTTP API").

import { discardBody, type OperationContext, readErrorText, sendRequest } from "@remote-log/core/adapter";
import { mediaTypeOf } from "../http/url.ts";
import { noGateway, redirected } from "./errors.ts";
import type { Gateway } from "./options.ts";

/** One question to a gateway. */
export interface GatewayRequest {
  readonly gateway: Gateway;
  /** Path and query, such as `/ipfs/bafk…?format=raw`. */
  readonly path: string;
  readonly method: "GET" | "HEAD";
  /** The media type of the answer. Browsers send this header without asking the gateway first. */
  readonly accept: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The statuses that mean an absence. Default: 404 and 410. */
  readonly absences?: readonly number[] | undefined;
  /** What the HTTP cache of a browser may do: serve what it has, do nothing, or replace what it has. */
  readonly cache: "default" | "no-store" | "reload";
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** Browsers report status 0 for an opaque redirect. */
const REDIRECTS: readonly number[] = [0, 301, 302, 303, 307, 308];

/**
 * Asks a gateway. It follows no redirect, and takes no page for people for an absence.
 *
 * @returns the reply, whose body is the caller's to read or to discard; `undefined` if the gateway said that nothing is there
 * @throws HttpFailure for any other status
 * @throws UnreachableError `ERR_UNREACHABLE` for a redirect, and for what is no answer of a gateway
 * @throws whatever `fetch` throws
 */
export async function askGateway(request: GatewayRequest): Promise<Response | undefined> {
  const { gateway, path, method, accept, headers, absences = [404, 410], cache, signal, context } = request;
  const response = await sendRequest(
    {
      url: `${gateway.url}${path}`,
      method,
      headers: { ...gateway.headers, accept, ...headers },
      cache,
      signal,
      context,
      fetch: gateway.fetch,
    },
    [200, ...absences, ...REDIRECTS],
  );
  if (REDIRECTS.includes(response.status)) {
    await discardBody(response);
    throw redirected(response, context);
  }
  if (response.status === 200) return response;
  if (isPage(response)) {
    await discardBody(response);
    throw noGateway(context, `a web page with status ${response.status}`);
  }
  const text = await readErrorText(response, { operation: context.operation, signal });
  // Go's HTTP servers say this of a path that nobody serves, such as one of the RPC.
  if (text === "404 page not found") throw noGateway(context, `"${text}"`);
  return undefined;
}

/** Whether a reply is a page for people. */
export function isPage(response: Response): boolean {
  return mediaTypeOf(response) === "text/html";
}
