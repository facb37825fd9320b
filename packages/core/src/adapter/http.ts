// Requests over HTTP: no redirect is followed, and a refusal keeps the service's own words.

import { joinSignals } from "../async/signals.ts";
import { lastOf } from "../bytes.ts";
import { UnreachableError } from "../errors/index.ts";
import type { OperationContext } from "./call.ts";
import { cleanText } from "./clean-text.ts";
import { discardBody } from "./read-body.ts";
import { readErrorText } from "./read-error-text.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** `fetch`, or a function that does the same. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A request to a service. */
export interface HttpRequest {
  readonly url: string;
  /** Any method: `"GET"`, `"PUT"`, `"PROPFIND"`. */
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: BodyInit | Uint8Array | undefined;
  readonly cache?: RequestCache | undefined;
  readonly signal: AbortSignal;
  readonly context: OperationContext;
  /** Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** Anything shorter is no secret; hiding it would make holes in words. */
const LEAST_SECRET = 4;

/** A service answered, and did not do what was asked. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  /** The HTTP status. */
  readonly status: number;
  /**
   * The service's own words: the body of its answer, or the `message` of a body in JSON; cleaned by {@link cleanText}, empty
   * if it gave none. Some services answer every failure with one status: then only their words tell the cases apart. Look
   * for them here and not in `message`, which is for people.
   */
  readonly text: string;
  /** How long the service asked to be left alone (`Retry-After`), in milliseconds; the shell keeps it in the error. */
  readonly retryAfterMilliseconds: number | undefined;

  /**
   * @param status - the HTTP status
   * @param text - what the service said; it is cleaned
   * @param retryAfterMilliseconds - how long it asked to be left alone
   */
  constructor(status: number, text: string, retryAfterMilliseconds?: number) {
    const clean = cleanText(text);
    super(clean);
    this.status = status;
    this.text = clean;
    this.retryAfterMilliseconds = retryAfterMilliseconds;
  }
}

/**
 * Sends a request. Follows no redirect: it might lead to another host.
 *
 * @returns the reply, if its status is among `accepted`; its body is the caller's to read or to discard
 * @throws HttpFailure for any other status
 * @throws UnreachableError `ERR_UNREACHABLE` with the reason `"redirect"`; one that may pass is worth another try (`retry` is
 * `"safe"`): see {@link isPassingRedirect}
 * @throws whatever `fetch` throws
 */
export async function sendRequest(
  request: HttpRequest,
  accepted: readonly number[] = [200],
): Promise<Response> {
  const { headers = {}, context } = request;
  const response = await fetchAnyReply(request);
  if (accepted.includes(response.status)) return response;
  await refuseRedirect(response, context);
  const text = withoutHeaderValues(await errorText(response, request), headers);
  throw new HttpFailure(response.status, text, parseRetryAfter(response.headers.get("retry-after")));
}

/**
 * Sends a request and gives whatever is answered, except a redirect: for services whose refusals say more than a status and
 * a text.
 *
 * @returns the reply of any status, 304 included; its body is the caller's to read or to discard
 * @throws UnreachableError `ERR_UNREACHABLE` with the reason `"redirect"`
 * @throws whatever `fetch` throws
 */
export async function fetchReply(request: HttpRequest): Promise<Response> {
  const response = await fetchAnyReply(request);
  if (response.status !== 304) await refuseRedirect(response, request.context);
  return response;
}

/**
 * Sends a request and gives whatever is answered, redirects too: for services whose redirects say where a thing is. Follows
 * none.
 *
 * @returns the reply of any status; its body is the caller's to read or to discard
 * @throws whatever `fetch` throws
 */
export async function fetchAnyReply(request: Omit<HttpRequest, "context">): Promise<Response> {
  const { url, method, headers = {}, body, cache = "no-store" } = request;
  const fetch = request.fetch ?? ((at: string, init: RequestInit) => globalThis.fetch(at, init));
  const exchange = new AbortController();
  const response = await fetch(url, {
    method,
    headers,
    // Runtimes that can't join them look after their connections themselves.
    signal: joinSignals(request.signal, exchange.signal),
    cache,
    credentials: "omit",
    redirect: "manual",
    referrerPolicy: "no-referrer",
    // Its memory is never shared: the shell has made a copy.
    ...(body !== undefined && { body: body as BodyInit }),
  });
  // A reply without a body is over, and nobody can discard what comes after it: a service that continues would keep its
  // connection open for ever. One that is silent keeps it for the next request.
  if (response.body === null) exchange.abort();
  return response;
}

async function refuseRedirect(response: Response, { operation, action }: OperationContext): Promise<void> {
  const { status, type } = response;
  if (type !== "opaqueredirect" && (status < 300 || status >= 400)) return;
  await discardBody(response);
  throw new UnreachableError(
    `While ${action}, the service sent a redirect, and none is followed: it might lead to another host. ` +
      `${redirectAdvice(response)}Use the URL that it leads to.`,
    { operation, reason: "redirect", retry: isPassingRedirect(response) ? "safe" : "never" },
  );
}

/** The statuses of redirects that hold for the moment alone. */
const PASSING: ReadonlySet<number> = new Set([302, 303, 307]);

/**
 * Whether a reply is a redirect that may pass: one of 302, 303 and 307, or one whose status a browser hides. Networks that want
 * a password first (a hotel, a train) answer every request so, until somebody has logged in.
 */
export function isPassingRedirect({ status, type }: Pick<Response, "status" | "type">): boolean {
  return type === "opaqueredirect" || PASSING.has(status);
}

/** What to do about such a redirect, as sentences with a space behind them; empty for any other. */
export function redirectAdvice(response: Pick<Response, "status" | "type">): string {
  if (!isPassingRedirect(response)) return "";
  return "Does the network want a password first (a hotel, a train)? Then log in, and try again. If it does not, the address is not right. ";
}

/** Headers whose values are public: any documentation has them. */
const OPEN_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "cache-control",
  "content-type",
]);

/**
 * A text of a service without the values of the headers that were sent: some services repeat what they refuse, also a secret
 * that looks like any other word. `sendRequest` does so; this is for adapters whose client sends the request.
 */
export function withoutHeaderValues(text: string, headers: Readonly<Record<string, string>>): string {
  const secrets = Object.entries(headers)
    .filter(([name]) => !OPEN_HEADERS.has(name.toLowerCase()))
    // Behind the scheme, if there is one: `Bearer …`.
    .flatMap(([, value]) => [value.trim(), lastOf(value.trim().split(/\s+/)) ?? ""])
    .filter((value) => value.length >= LEAST_SECRET);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
}

// Many services wrap what they have to say in JSON.
async function errorText(response: Response, { context, signal }: HttpRequest): Promise<string> {
  const text = await readErrorText(response, { operation: context.operation, signal });
  try {
    const { message, Message = message } = JSON.parse(text) as { message?: unknown; Message?: unknown };
    return typeof Message === "string" ? Message : text;
  } catch {
    return text;
  }
}
