// A `fetch` that asks through the proxies of the environment, for every adapter alike.

import type { lookup as lookUp } from "node:dns";
import { isRemoteLogError, type RemoteLogError } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import type { Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { proxyAnswered, proxyUnreachable } from "./proxy-errors.ts";
import { type ProxySettings, proxySettings } from "./proxy-settings.ts";
import { openTunnel } from "./tunnel.ts";

/**
 * A `fetch` that asks through the proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals or
 * small letters. The option `fetch` of every adapter takes it; for an `S3Client` of your own, `fetchRequestHandler` of
 * `@remote-log/s3` makes its `requestHandler` of it. `rlog` uses it by itself. If the environment names no proxy, it is the
 * runtime's `fetch`; so it is in Bun and Deno, whose `fetch` reads the variables itself.
 *
 * - `https:` URLs go through a tunnel: the proxy sees the host, not what is asked. `http:` URLs are sent to the proxy as they are.
 * - This machine (`localhost`, `127.0.0.1`, `[::1]`) and the hosts in `NO_PROXY` are asked without a proxy. `example.com` there
 *   covers its subdomains, `example.com:9000` one port, `*` everything. Ranges of addresses (CIDR) are not known.
 *
 * The variables are read once, when it is made.
 *
 * @returns a function like `fetch`. What a proxy is the cause of is a RemoteLogError that names the proxy, with a `ProxyReason`
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"proxy-setting"` for a proxy that can't be used
 *
 * @example
 * ```ts
 * import { proxiedFetch } from "@remote-log/cli";
 * import { swarmRemote } from "@remote-log/swarm";
 *
 * const remote = swarmRemote({ bee: "https://bee.example", name: `${"8d".repeat(20)}/${"0a".repeat(32)}`, fetch: proxiedFetch() });
 * ```
 */
export function proxiedFetch(): Fetch {
  return environmentFetch() ?? ((url, init) => globalThis.fetch(url, init));
}

/** The `fetch` for the proxies of the environment; `undefined` if it names none, or if the runtime's own `fetch` reads it. */
function environmentFetch(): Fetch | undefined {
  const settings = proxySettings();
  if (settings === undefined || hasOwnProxies()) return undefined;
  return fetchThrough(settings);
}

/** The same as an option of an adapter. */
export function environmentFetchOption(): { readonly fetch?: Fetch } {
  const fetch = environmentFetch();
  return fetch === undefined ? {} : { fetch };
}

/** Bun and Deno read the variables themselves, and have another `undici`. */
function hasOwnProxies(): boolean {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  return bun !== undefined || deno !== undefined;
}

/** What is different for places of strangers. */
export interface GuardOptions {
  /** Looks names up for connections that go without a proxy. */
  readonly lookup: typeof lookUp;
  /**
   * Finds the address of a host, or refuses it. The proxy is asked for that address and not for the host, so that it is the one
   * that was checked.
   *
   * @param proxy - the proxy that is about to be asked
   */
  readonly addressOf: (host: string, proxy: URL) => Promise<string>;
}

/** A `fetch` through some proxies. */
export function fetchThrough(settings: ProxySettings, guard?: GuardOptions): Fetch {
  let agent: EnvHttpProxyAgent | undefined;
  return async (url, init) => {
    // Loaded only when it is used.
    const undici = await import("undici");
    agent ??= agentFor(undici, settings, guard);
    // Its types are those of another library of types; what adapters use of a reply is the same.
    const send = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
    try {
      return await send(url, { ...init, dispatcher: agent });
    } catch (error) {
      throw ownErrorOf(error) ?? error;
    }
  };
}

/** An error of this project that a client has wrapped. */
function ownErrorOf(error: unknown): RemoteLogError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (isRemoteLogError(at)) return at;
  return undefined;
}

/** What the agent of undici hands over when it needs a tunnel. */
interface ConnectParameters {
  /** `host:port` */
  readonly path: string;
}

/** undici chooses the proxy, and reads NO_PROXY, as Node.js 24 does. What is sent to proxies is ours: its own errors have no codes. */
function agentFor(
  undici: typeof import("undici"),
  { httpProxy, httpsProxy, noProxy }: ProxySettings,
  guard: GuardOptions | undefined,
): EnvHttpProxyAgent {
  // A proxy that is asked by TLS gets tunnels alone, as undici has it.
  const plain = guard === undefined && httpProxy?.startsWith("http:") ? new URL(httpProxy) : undefined;
  return new undici.EnvHttpProxyAgent({
    // An empty text is none; `undefined` would have the variables read once more.
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy,
    ...(guard !== undefined && { connect: { lookup: guard.lookup } }),
    clientFactory: (proxy) => tunnelsOf(proxy, guard) as unknown as Dispatcher,
    factory: (origin, options) => {
      // What goes through a proxy is connected by a function, that of the tunnels. Many proxies make none to the port of http:.
      const isProxied = typeof (options as { readonly connect?: unknown }).connect === "function";
      if (plain === undefined || !isProxied || new URL(origin).protocol !== "http:")
        return new undici.Pool(origin, options);
      return forwarded(new undici.Pool(plain.origin), plain);
    },
  });
}

/** What the agent uses of a client for a proxy. */
function tunnelsOf(proxy: URL, guard: GuardOptions | undefined) {
  return {
    async connect({ path }: ConnectParameters) {
      const { hostname, port } = new URL(`tcp://${path}`);
      const address = await guard?.addressOf(hostname, proxy);
      const authority = address === undefined ? path : authorityOf(address, port);
      const request = { proxy, authority, target: path, headers: credentialsOf(proxy) };
      return { socket: await openTunnel(request), statusCode: 200 };
    },
    close: async () => undefined,
    destroy: async () => undefined,
  };
}

function authorityOf(address: string, port: string): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What the `fetch` of undici 7 is told of an answer: other clients have newer methods, which an agent for `fetch` never sees. */
interface HandlerOfFetch {
  onConnect(abort: (error?: Error) => void): void;
  onHeaders(status: number, ...rest: readonly unknown[]): boolean;
  onError(error: Error & { readonly code?: unknown; readonly syscall?: unknown }): void;
}

/** What the connection to a proxy fails with, if no answer came. */
const CUT_OFF: ReadonlySet<unknown> = new Set([
  "ECONNRESET",
  "EPIPE",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** Connections to a proxy that pass requests for `http:` on: the target of each is its whole URL (RFC 9112 §3.2.2). */
function forwarded(pool: Pool, proxy: URL): Pool {
  const dispatch = pool.dispatch.bind(pool);
  const credentials = credentialsOf(proxy);
  pool.dispatch = (options, handler) => {
    const { host } = new URL(`${options.origin}`);
    let isAnswered = false;
    let abort: (error?: Error) => void = () => undefined;
    const told = handler as HandlerOfFetch;
    const watched = Object.create(told) as HandlerOfFetch;
    watched.onConnect = function (given) {
      abort = given;
      told.onConnect.call(this, given);
    };
    watched.onHeaders = function (status, ...rest) {
      isAnswered = true;
      if (status !== 407) return told.onHeaders.call(this, status, ...rest);
      abort(proxyAnswered(proxy, host, status));
      return false;
    };
    watched.onError = function (error) {
      const isOfProxy = !isAnswered && (CUT_OFF.has(error.code) || error.syscall !== undefined);
      told.onError.call(this, isOfProxy ? proxyUnreachable(proxy, host, error) : error);
    };
    const headers = { ...(options.headers as Record<string, string>), ...credentials };
    return dispatch(
      { ...options, origin: proxy.origin, path: `${options.origin}${options.path}`, headers },
      watched,
    );
  };
  return pool;
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` };
}
