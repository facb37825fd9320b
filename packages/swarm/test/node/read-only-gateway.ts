import { type Asked, type Between, type NodeProxy, startNodeProxy } from "../node-proxy.ts";

/** What a gateway lets through besides single chunks. */
export interface GatewayOptions {
  /** Whether it looks feeds up. Default `false`. */
  readonly feeds?: boolean;
}

const chunk = /^\/chunks\/[0-9a-f]{64}$/;
const feed = /^\/feeds\/[0-9a-f]{40}\/[0-9a-f]{64}$/;
const forEverybody = { "access-control-allow-origin": "*" };

/** A gateway before a node: it lets chunks be read by anybody's page, and nothing be written. */
export function startGateway(node: string, options: GatewayOptions = {}): Promise<NodeProxy> {
  return startNodeProxy(node, readOnly(options));
}

/** What such a gateway answers. */
export function readOnly({ feeds = false }: GatewayOptions = {}): Between {
  const open = ({ path }: Asked): boolean => chunk.test(path) || (feeds && feed.test(path));
  return async (asked, passOn) => {
    if (asked.method !== "GET") return { status: 405, headers: { ...forEverybody, allow: "GET" } };
    if (!open(asked))
      return { status: 403, headers: forEverybody, body: "This gateway serves chunks alone." };
    const told = await passOn();
    return { ...told, headers: { ...told.headers, ...forEverybody } };
  };
}
