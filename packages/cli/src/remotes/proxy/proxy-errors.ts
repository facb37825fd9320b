// What goes wrong at a proxy, and not at the service behind it: each error names the proxy, without user and password.

import { DeniedError, type RemoteLogError, TimeoutError, UnreachableError } from "@remote-log/core";
import { cleanText, parseRetryAfter } from "@remote-log/core/adapter";

/**
 * The `reason` of an error that a proxy is the cause of.
 *
 * | reason | code | when |
 * | --- | --- | --- |
 * | `"proxy-authentication"` | `ERR_DENIED` | 407: the proxy wants a user name and a password, or others |
 * | `"proxy-refused"` | `ERR_DENIED`, `ERR_UNREACHABLE` | the proxy made no tunnel: 4xx, else another status |
 * | `"proxy-page"` | `ERR_UNREACHABLE` | a page, or another answer with a body, came in the place of a tunnel |
 * | `"proxy-unreachable"` | `ERR_UNREACHABLE` | no connection to the proxy, or the proxy cut it off |
 * | `"proxy-no-answer"` | `ERR_TIMEOUT` | the proxy did not answer in time |
 * | `"proxy-setting"` | `ERR_INVALID_INPUT` | a variable of the environment names no proxy that can be used |
 * | `"proxy-resolves"` | `ERR_DENIED` | the place of a link has no address here, so only the proxy would know where it leads |
 */
export type ProxyReason =
  | "proxy-authentication"
  | "proxy-refused"
  | "proxy-page"
  | "proxy-unreachable"
  | "proxy-no-answer"
  | "proxy-setting"
  | "proxy-resolves";

const OPERATION = "proxy.connect";

/** A proxy as messages name it: `http://proxy.example:3128`. */
function shownProxy(proxy: string | URL): string {
  return new URL(proxy).origin;
}

/** The proxy answered in the place of the service, or made no tunnel to it. */
export function proxyAnswered(
  proxy: string | URL,
  target: string,
  status: number,
  retryAfter?: string | null,
): RemoteLogError {
  const at = `The proxy ${shownProxy(proxy)}`;
  if (status === 407) {
    const advice = "Put both into the URL of the proxy: http://user:password@proxy.example:3128.";
    return new DeniedError(
      `${at} wants a user name and a password, or others than it got (407), so ${target} was not asked. ${advice}`,
      { operation: OPERATION, reason: "proxy-authentication" },
    );
  }
  const refused = `${at} made no connection to ${target} (${status}).`;
  const advice = "Ask who runs the proxy, or name the host in NO_PROXY if it can be reached without one.";
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const options = { operation: OPERATION, reason: "proxy-refused" };
  if (isRefusal) return new DeniedError(`${refused} ${advice}`, options);
  return new UnreachableError(`${refused} Check the network and the address of the service. ${advice}`, {
    ...options,
    retryAfterMilliseconds: parseRetryAfter(retryAfter),
  });
}

/** Something with a body came in the place of a tunnel: a login page, say. */
export function proxySentPage(proxy: string | URL, target: string): UnreachableError {
  return new UnreachableError(
    `The proxy ${shownProxy(proxy)} answered with a page in the place of a connection to ${target}. Does the network want a ` +
      "password first, and is that the address of the proxy? Then try again.",
    { operation: OPERATION, reason: "proxy-page" },
  );
}

/** There is no connection to the proxy. */
export function proxyUnreachable(proxy: string | URL, target: string, error: unknown): UnreachableError {
  const { code, message = "" } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
  const detail = typeof code === "string" && /^\w{1,60}$/.test(code) ? ` (${code})` : "";
  return new UnreachableError(
    `The proxy ${shownProxy(proxy)} can't be reached, or ended the connection${detail}, so ${target} was not asked. Check the ` +
      "variables HTTP_PROXY and HTTPS_PROXY, and the network.",
    { operation: OPERATION, reason: "proxy-unreachable", cause: new Error(cleanText(`${message}`)) },
  );
}

/** The proxy is silent. */
export function proxySilent(proxy: string | URL, target: string, milliseconds: number): TimeoutError {
  return new TimeoutError(
    `The proxy ${shownProxy(proxy)} did not say within ${milliseconds / 1000} seconds whether it connects to ${target}. Check the ` +
      "variables HTTP_PROXY and HTTPS_PROXY, and the network. Then try again.",
    { operation: OPERATION, reason: "proxy-no-answer" },
  );
}

/** Only the proxy would know where the place of a link leads. */
export function proxyResolves(proxy: string | URL, origin: string, advice: string): DeniedError {
  const said =
    `The link leads to ${origin}, which has no address here. The proxy ${shownProxy(proxy)} may know one, but nobody here could ` +
    "check that it is public. Nothing was sent there.";
  return new DeniedError(`${said} ${advice}`.trimEnd(), { operation: OPERATION, reason: "proxy-resolves" });
}
