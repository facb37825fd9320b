// A connection through a proxy: CONNECT (RFC 9110 §9.3.6).

import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Socket } from "node:net";
import { proxyAnswered, proxySentPage, proxySilent, proxyUnreachable } from "./proxy-errors.ts";

/** How long a proxy may take to make a tunnel, in milliseconds: it has to connect to a place that may be far away. */
const TUNNEL_MILLISECONDS = 30_000;

/** What a tunnel is to lead to. */
export interface TunnelRequest {
  /** The proxy, with user and password if it wants them. */
  readonly proxy: URL;
  /** `host:port`, as the proxy is to connect to it. */
  readonly authority: string;
  /** What errors call it. Default: the authority. */
  readonly target?: string;
  /** Headers for the proxy, such as `proxy-authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 30,000. */
  readonly milliseconds?: number;
}

/**
 * Has a proxy make a tunnel. Whatever comes through it is a matter of the caller: a proxy can read and change all that is not TLS.
 *
 * @throws a RemoteLogError with a `ProxyReason`
 */
export function openTunnel({
  proxy,
  authority,
  target = authority,
  headers = {},
  milliseconds = TUNNEL_MILLISECONDS,
}: TunnelRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const send = proxy.protocol === "https:" ? requestSecure : requestPlain;
    const request = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...headers },
      agent: false,
    });
    const end = (error: Error): void => {
      clearTimeout(patience);
      reject(error);
      request.destroy();
    };
    const patience = setTimeout(() => end(proxySilent(proxy, target, milliseconds)), milliseconds);
    request.on("error", (error) => end(proxyUnreachable(proxy, target, error)));
    // An answer to CONNECT is told here, whatever its status.
    request.on("connect", (response, socket, head) => {
      clearTimeout(patience);
      const { statusCode: status = 0, headers: said } = response;
      const fail = (error: Error): void => {
        // What the proxy still sends, and how it ends, matters to nobody.
        socket.on("error", () => undefined).destroy();
        reject(error);
      };
      if (status < 200 || status > 299)
        return fail(proxyAnswered(proxy, target, status, said["retry-after"]));
      // A tunnel has no body, and the other side of TLS does not speak first.
      if (
        head.length > 0 ||
        Number(said["content-length"] ?? 0) > 0 ||
        /html/i.test(said["content-type"] ?? "")
      )
        return fail(proxySentPage(proxy, target));
      resolve(socket);
    });
    request.end();
  });
}
