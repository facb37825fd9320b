// `ipns:` URIs: a log under an IPNS name, read through gateways or through a node.

import type { Remote } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import { usageError } from "../../errors/command-error.ts";
import { adviceOnIpnsGateway } from "../advice/ipns-name.ts";
import { recordCheckup } from "../checkups/ipns-record.ts";
import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { OpenFromLink, RemoteContext, RemoteKind } from "../remote-kind.ts";
import { gatewayVariable, originOf, parametersOf, withParameter } from "../uri-parameters.ts";
import { ipnsUriOf, openIpfsNode, RPC_FROM_LINK } from "./ipfs-node.ts";

/**
 * `ipns://k51…`: the log under an IPNS name, read through gateways (`?gateway=https://…`, or the variable
 * `IPFS_GATEWAY`), or through a node (`?node=http://127.0.0.1:5001`).
 */
export const ipnsKind: RemoteKind = {
  open: async (uri, label, context) => {
    const onNode = nodeUri(uri);
    if (onNode !== undefined) return openIpfsNode(onNode, label, context);
    return openGateway(throughIpfsGateway(uri), label, context, environmentFetchOption().fetch);
  },
  origins: (uri) => [
    ...parametersOf(uri, "node").map(originOf),
    ...parametersOf(uri, "gateway")
      .filter((gateway) => gateway !== ownGateway())
      .map(originOf),
  ],
  ownOrigins: () => [originOf(ownGateway())],
  openFromLink: (uri) => (parametersOf(uri, "node").length > 0 ? RPC_FROM_LINK : openAtGateways),
  readerUri: async (uri, context) => {
    const onNode = nodeUri(uri);
    return onNode === undefined ? uri : ipnsUriOf(onNode, context);
  },
  advice: adviceOnIpnsGateway,
  checkup: recordCheckup,
};

const openAtGateways: OpenFromLink = (uri, label, { fetch }) =>
  openGateway(throughIpfsGateway(uri), label, {}, fetch);

/** The gateway that is asked if a URI names none. */
function ownGateway(): string {
  return gatewayVariable("IPFS_GATEWAY") ?? "http://127.0.0.1:8080";
}

/** An `ipns:` URI with the gateway of the environment added, unless it names one itself. */
function throughIpfsGateway(uri: string): string {
  const gateway = uri.includes("?") ? undefined : gatewayVariable("IPFS_GATEWAY");
  return gateway === undefined ? uri : withParameter(uri, "gateway", gateway);
}

/**
 * Opens a log at gateways, for reading.
 *
 * @param fetch - sends the requests; default: the runtime's `fetch`
 * @throws CommandError `ERR_USAGE` for a writer: its name follows from its seed, and a gateway can't set it
 */
export async function openGateway(
  uri: string,
  label: string,
  { nameKeys }: RemoteContext,
  fetch?: Fetch,
): Promise<Remote> {
  if (nameKeys !== undefined) {
    throw usageError(
      "A log under an IPNS name can only be read through a gateway. To write, give the RPC of a node: " +
        "ipfs+http://127.0.0.1:5001. The name follows from the log's seed.",
    );
  }
  const { gatewayRemoteFromUri } = await import("@remote-log/ipfs/gateway");
  return gatewayRemoteFromUri(uri, { label, ...(fetch && { fetch }) });
}

/**
 * The `ipfs+http:` URI of an IPNS name on a node.
 *
 * @param uri - `ipns://k51…`, with or without gateways
 * @param node - URL of the node's RPC
 * @throws CommandError `ERR_USAGE` if the node is not a URL
 */
export function throughNode(uri: string, node: string): string {
  if (!/^https?:\/\/./.test(node)) {
    throw usageError("Give a node by the URL of its RPC, such as http://127.0.0.1:5001.");
  }
  const [, name = ""] = /^ipns:\/\/([^/?#]*)/.exec(uri) ?? [];
  return withParameter(`ipfs+${node}`, "name", name);
}

/** The `ipfs+http:` URI of an `ipns:` URI that names a node; `undefined` if it names none. */
function nodeUri(uri: string): string | undefined {
  const [, query = ""] = /^[^?#]*\?([^#]*)$/.exec(uri) ?? [];
  const nodes = query.split("&").filter((pair) => pair.startsWith("node="));
  if (nodes.length === 0) return undefined;
  if (nodes.length > 1 || query.includes("&") || !/^ipns:\/\/[^/?#]+\/?\?/.test(uri)) {
    throw usageError(
      "An ipns: URI with a node has one node and no other parameter: ipns://k51…?node=http://127.0.0.1:5001.",
    );
  }
  try {
    return throughNode(uri, decodeURIComponent(query.slice("node=".length)));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw usageError("The node in an ipns: URI can't be decoded: its percent-encoding is broken.");
  }
}
