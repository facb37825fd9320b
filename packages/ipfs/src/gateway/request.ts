import { discardBody, type OperationContext, readBody, sendRequest } from "@remote-log/core/adapter";
import { noGateway, redirected } from "./errors.ts";
import type { Gateway } from "./options.ts";

/** One question to a gateway. */
export interface GatewayRequest {
  readonly gateway: Gateway;
  /** Path and query, such as `/ipfs/bafk…?format=raw`. */
  readonly path: string;
  readonly method: "GET" | "HEAD";
  /** The one media type that answers it; browsers send it without asking first. */
  readonly accept: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The statuses that say that nothing is there. Default: 404 and 410 (it gave it up). */
  readonly absences?: readonly number[];
  /** What the HTTP cache of a browser may do: serve what it has, keep out, or forget what it has. */
  readonly cache: "default" | "no-store" | "reload";
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** Of an opaque redirect, browsers tell no status. */
const REDIRECTS: readonly number[] = [0, 301, 302, 303, 307, 308];

/** How much of the text of a refusal is looked at. */
const ERROR_BYTES = 16 * 1024;

/**
 * Asks a gateway. It follows no redirect, and believes no absence in a page for people.
 *
 * @returns the reply, whose body is the caller's; `undefined` where the gateway said that it has nothing there
 * @throws HttpFailure whatever else it answered
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
    throw redirected(context);
  }
  if (response.status === 200) return response;
  if (isPage(response)) {
    await discardBody(response);
    throw noGateway(context, `a web page with status ${response.status}`);
  }
  const options = { limit: ERROR_BYTES, operation: context.operation, what: "an error" };
  const text = new TextDecoder().decode(await readBody(response, options).catch(() => new Uint8Array(0)));
  // What Go's HTTP servers say of a path that nobody serves, such as those of the RPC.
  if (text.trim() === "404 page not found") throw noGateway(context, `"${text.trim()}"`);
  return undefined;
}

/** Whether a reply is for people. */
export function isPage(response: Response): boolean {
  return mediaType(response) === "text/html";
}

/** What a reply says that its body is, without parameters; `undefined` where it says nothing. */
export function mediaType(response: Response): string | undefined {
  return response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
}
