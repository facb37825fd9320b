import { generateSeed, type MirrorTarget, type Remote } from "@remote-log/core";
import { usageError } from "./failure.ts";
import type { RemoteContext, RemoteKind } from "./remotes.ts";

/** `ipfs+http://127.0.0.1:5001`: an IPFS node, for contents, and the log's IPNS name. */
export const ipfsKind: RemoteKind = {
  open: openNode,
  readerUri: readersOf,
  openTarget: async (uri, label, ipnsName): Promise<MirrorTarget> => {
    if (/[?&]name=/.test(uri)) return openNode(uri, label, {});
    if (ipnsName !== undefined) return openNode(withParameter(uri, "name", ipnsName), label, {});
    // A log without an IPNS name: the node takes the contents, and a name that nobody uses is never set.
    const { storage } = await openNode(uri, label, { nameKey: generateSeed });
    return { storage, label };
  },
};

/**
 * `ipns://k51…`: the log under an IPNS name, read through gateways (`?gateway=https://…`, or the variable
 * `IPFS_GATEWAY`), or through a node (`?node=http://127.0.0.1:5001`).
 */
export const ipnsKind: RemoteKind = {
  open: async (uri, label, context) => {
    const onNode = nodeUri(uri);
    if (onNode !== undefined) return openNode(onNode, label, context);
    const gateway = process.env["IPFS_GATEWAY"];
    const named = uri.includes("?") || gateway === undefined || gateway === "";
    return openGateway(named ? uri : withParameter(uri, "gateway", gateway), label);
  },
  readerUri: async (uri, context) => {
    const onNode = nodeUri(uri);
    return onNode === undefined ? uri : readersOf(onNode, context);
  },
};

/** Whether a URL is that of an IPNS name at a gateway. */
export function isIpnsUrl(url: string): boolean {
  return /^[^?#]*\/ipns\/[^/?#]+\/?$/.test(url);
}

/** Opens a log at gateways, for reading. */
export async function openGateway(uri: string, label: string): Promise<Remote> {
  const { gatewayRemoteFromUri } = await import("@remote-log/ipfs/gateway");
  return gatewayRemoteFromUri(uri, { label });
}

/**
 * The same IPNS name through a node, as an `ipfs+http:` URI.
 *
 * @param uri - `ipns://k51…`, whatever gateways it names
 * @param node - URL of the node's RPC
 * @throws CommandError `ERR_USAGE` where the node is no URL
 */
export function throughNode(uri: string, node: string): string {
  if (!/^https?:\/\/./.test(node)) {
    throw usageError("A node is given as the URL of its RPC, such as http://127.0.0.1:5001.");
  }
  const [, name = ""] = /^ipns:\/\/([^/?#]*)/.exec(uri) ?? [];
  return withParameter(`ipfs+${node}`, "name", name);
}

async function openNode(uri: string, label: string, { nameKey }: RemoteContext): Promise<Remote> {
  const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
  return ipfsRemoteFromUri(uri, { label, ...(nameKey && { nameKey: nameKey() }) });
}

// Readers reach the name, not the writer's node.
async function readersOf(uri: string, context: RemoteContext): Promise<string> {
  const remote = await openNode(uri, "link", context);
  await remote.storage.close?.();
  await remote.names.close?.();
  const gateway = process.env["IPFS_GATEWAY"];
  const name = `ipns://${remote.name}`;
  return gateway === undefined || gateway === "" ? name : withParameter(name, "gateway", gateway);
}

function nodeUri(uri: string): string | undefined {
  const [, query = ""] = /^[^?#]*\?([^#]*)$/.exec(uri) ?? [];
  const nodes = query.split("&").filter((pair) => pair.startsWith("node="));
  if (nodes.length === 0) return undefined;
  if (nodes.length > 1 || query.includes("&") || !/^ipns:\/\/[^/?#]+\/?\?/.test(uri)) {
    throw usageError(
      "An ipns: URI names one node, and nothing besides: ipns://k51…?node=http://127.0.0.1:5001.",
    );
  }
  try {
    return throughNode(uri, decodeURIComponent(query.slice("node=".length)));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw usageError("The node in an ipns: URI can't be decoded.");
  }
}

function withParameter(uri: string, name: string, value: string): string {
  // What may stand in a query as it is stays readable.
  const encoded = encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `${uri}${uri.includes("?") ? "&" : "?"}${name}=${encoded}`;
}
