// How a remote that a link names is asked: only to read, only at public addresses, and without anything of the user's.

import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { isIP } from "node:net";
import { DeniedError, InvalidInputError, UnsupportedError } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import type { Agent } from "undici";
import { fetchThrough, proxiedFetch } from "../proxy/proxied-fetch.ts";
import { proxyResolves } from "../proxy/proxy-errors.ts";
import { proxySettings } from "../proxy/proxy-settings.ts";
import { isLocalHost, isPublicAddress } from "./public-address.ts";

/** The reason of the error for a place that is not public. */
export const NOT_PUBLIC = "not-public";

/** The operation of its errors. */
const OPERATION = "link.connect";

/** Options of {@link guardedFetch}. */
export interface GuardedFetchOptions {
  /**
   * Origins that the user allowed, wherever they are: `"http://127.0.0.1:9000"`. Redirects are not followed there either, and
   * nothing is written. Default: none.
   */
  readonly allowed?: Iterable<string>;
  /**
   * What the user can do about a place that is not public: a sentence, at the end of the error.
   *
   * @param origin - that of the place
   */
  readonly advice?: (origin: string) => string;
}

/**
 * A `fetch` for places that a stranger names, in a link say: the option `fetch` of the adapters takes it.
 *
 * - It connects to public addresses alone: not to this machine, a private network, or the metadata of a cloud. The address that
 *   is checked is the one that is connected to, so a name that resolves differently from one moment to the next gains nothing.
 * - It sends `GET` and `HEAD` alone, without cookies, and follows no redirect: the reply is the redirect.
 *
 * Headers are sent as they are given: give an adapter no credentials for a stranger's place.
 *
 * If the environment names a proxy, it is used (see {@link proxiedFetch}), and what is checked stays the same: the name is looked
 * up here, and the proxy is asked for the address that was checked, not for the name. A name that has no address here is refused
 * (`ERR_DENIED`, `"proxy-resolves"`), for nobody here would know where the proxy leads.
 *
 * @returns a function like `fetch`. It throws DeniedError `ERR_DENIED` with the reason `"not-public"` for a place that is not
 * public, TypeError for another method, and what {@link proxiedFetch} throws
 * @throws InvalidInputError `ERR_INVALID_INPUT` for what is no origin
 * @throws UnsupportedError `ERR_UNSUPPORTED` on a runtime other than Node.js: no other shows which address it connects to
 *
 * @example
 * ```ts
 * import { guardedFetch } from "@remote-log/cli";
 * import { publicS3RemoteFromUri } from "@remote-log/s3/public";
 *
 * const remote = publicS3RemoteFromUri("s3://bucket-of-a-stranger/logs", { fetch: guardedFetch() });
 * ```
 */
export function guardedFetch(options: GuardedFetchOptions = {}): Fetch {
  checkRuntime();
  const allowed = new Set(Array.from(options.allowed ?? [], checkOrigin));
  const { advice = () => "" } = options;
  const own = proxiedFetch();
  const guarded = fetchPublic();
  return async (url, init) => {
    const { origin, hostname } = new URL(url);
    if (!["GET", "HEAD"].includes(init.method ?? "GET")) throw new TypeError("A link is only for reading.");
    const request: RequestInit = { ...init, credentials: "omit", redirect: "manual" };
    if (allowed.has(origin)) return own(url, request);
    if (isLocalHost(hostname)) throw notPublic(origin, advice);
    try {
      return await guarded(url, request);
    } catch (error) {
      if (causeOf(error, NotPublic) !== undefined) throw notPublic(origin, advice);
      const unknown = causeOf(error, OnlyProxyKnows);
      throw unknown === undefined ? error : proxyResolves(unknown.proxy, origin, advice(origin));
    }
  };
}

/** A `fetch` that connects to public addresses alone, with the proxies of the environment if there are any. */
function fetchPublic(): Fetch {
  const settings = proxySettings();
  if (settings !== undefined)
    return fetchThrough(settings, { lookup: lookUpPublic as typeof lookup, addressOf });
  let agent: Agent | undefined;
  return async (url, init) => {
    // Loaded only when it is used. The agent of the runtime's own `fetch` can't be told how to look names up.
    const undici = await import("undici");
    agent ??= new undici.Agent({ connect: { lookup: lookUpPublic } });
    // Its types are those of another library of types; what adapters use of a reply is the same.
    const send = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
    return send(url, { ...init, dispatcher: agent });
  };
}

/** The error for a place that is not public. */
function notPublic(origin: string, advice: (origin: string) => string): DeniedError {
  const said = `The link leads to ${origin}, which is on this machine or in a private network. Nothing was sent there.`;
  return new DeniedError(`${said} ${advice(origin)}`.trimEnd(), {
    operation: OPERATION,
    reason: NOT_PUBLIC,
  });
}

/** The message does not repeat what is no origin: it may hold a password. */
function checkOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new InvalidInputError(
    "An allowed place is no origin. Give scheme, host and port: http://127.0.0.1:9000, without a slash at the end.",
    { operation: OPERATION },
  );
}

// Others have an `undici` that takes the agent, and looks names up as ever.
function checkRuntime(): void {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  if (bun === undefined && deno === undefined) return;
  throw new UnsupportedError(
    "Only Node.js shows to which address a name leads. Open places of strangers there.",
    {
      operation: OPERATION,
    },
  );
}

/** A name resolved to an address that is not public. */
class NotPublic extends Error {
  override readonly name = "NotPublic";
}

/** A name has no address here, but may have one where the proxy is. */
class OnlyProxyKnows extends Error {
  override readonly name = "OnlyProxyKnows";
  readonly proxy: URL;

  constructor(proxy: URL, cause: unknown) {
    super("The name has no address here.", { cause });
    this.proxy = proxy;
  }
}

/** The error of a class that a client has wrapped. */
function causeOf<E extends Error>(error: unknown, kind: abstract new (...args: never[]) => E): E | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return at;
  return undefined;
}

/** The checked address of a host, for a proxy to connect to. */
function addressOf(host: string, proxy: URL): Promise<string> {
  const literal = host.replace(/^\[|\]$/g, "");
  // Those were checked with the URL.
  if (isIP(literal) !== 0) return Promise.resolve(literal);
  return new Promise((resolve, reject) => {
    lookUpPublic(host, {}, (error, address) => {
      if (error === null) resolve(address as string);
      else reject(error instanceof NotPublic ? error : new OnlyProxyKnows(proxy, error));
    });
  });
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

// One address that is not public is enough to refuse the name.
function lookUpPublic(hostname: string, options: LookupOptions, found: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, []);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return found(new NotPublic(`${hostname} is not a public host.`), []);
    return options.all === true ? found(null, addresses) : found(null, first.address, first.family);
  });
}
