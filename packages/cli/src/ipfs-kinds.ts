import { generateSeed, type MirrorTarget, type Remote, type RemoteLogError } from "@remote-log/core";
import { usageError } from "./failure.ts";
import { recordCheckup } from "./ipns-record.ts";
import type { RemoteContext, RemoteKind } from "./remote-kind.ts";
import { gatewayVariable, withParameter } from "./uri-parameters.ts";

/** `ipfs+http://127.0.0.1:5001`: an IPFS node, for contents, and the log's IPNS name. */
export const ipfsKind: RemoteKind = {
  open: openNode,
  readerUri: readersOf,
  advice: adviceOnName,
  checkup: recordCheckup,
  openTarget: async (uri, label, ipnsName): Promise<MirrorTarget> => {
    if (/[?&]name=/.test(uri)) return openNode(uri, label, {});
    if (ipnsName !== undefined) return openNode(withParameter(uri, "name", ipnsName), label, {});
    // A log without an IPNS name: the node takes the contents, and a name that nobody uses is never set.
    const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
    const { storage } = await ipfsRemoteFromUri(uri, { label, nameKey: generateSeed() });
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
    const gateway = uri.includes("?") ? undefined : gatewayVariable("IPFS_GATEWAY");
    return openGateway(gateway === undefined ? uri : withParameter(uri, "gateway", gateway), label, context);
  },
  readerUri: async (uri, context) => {
    const onNode = nodeUri(uri);
    return onNode === undefined ? uri : readersOf(onNode, context);
  },
  advice: (uri, error) => {
    if (
      error.code === "ERR_UNREACHABLE" &&
      !uri.includes("?") &&
      gatewayVariable("IPFS_GATEWAY") === undefined
    )
      return CHOOSE_GATEWAY;
    return adviceOnName(uri, error);
  },
  checkup: recordCheckup,
};

/** Whether a URL is that of an IPNS name at a gateway. */
export function isIpnsUrl(url: string): boolean {
  return /^[^?#]*\/ipns\/[^/?#]+\/?$/.test(url);
}

/**
 * Opens a log at gateways, for reading.
 *
 * @throws CommandError `ERR_USAGE` for a writer: whatever stands under the name, it is not this log
 */
export async function openGateway(uri: string, label: string, { nameKeys }: RemoteContext): Promise<Remote> {
  if (nameKeys !== undefined) {
    throw usageError(
      "A log under an IPNS name can only be read through a gateway. To write, give a node, by its RPC: " +
        "ipfs+http://127.0.0.1:5001. The name follows from the log's seed.",
    );
  }
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

const CHOOSE_GATEWAY =
  "No gateway is named, so that of a node on this machine was asked. For another one, set IPFS_GATEWAY=https://HOST, or " +
  "read by the log's id with --remote 'ipns://k51…?gateway=https://HOST'; through a node, with " +
  "--remote 'ipns://k51…?node=http://127.0.0.1:5001'.";

function adviceOnName(uri: string, { code, operation }: RemoteLogError): string | undefined {
  const name = /\b(?:ipns:\/\/|name=)([^/?#&]+)/.exec(uri)?.[1];
  if (code !== "ERR_NOT_FOUND" || operation !== "reader.sync" || name === undefined) return undefined;
  return (
    `Nothing was found under the IPNS name ${name}. Is it the right one? The network forgets a name two days after it was ` +
    "last published: its writer publishes it again, or rlog keep does while a node still has it."
  );
}

async function openNode(uri: string, label: string, { nameKeys }: RemoteContext): Promise<Remote> {
  if (nameKeys === undefined && !/[?&]name=/.test(uri)) {
    throw usageError(
      "To read from an IPFS node, the log's IPNS name is needed: ipfs+http://127.0.0.1:5001?name=k51…. It stands in the " +
        "log's link, which rlog link prints.",
    );
  }
  const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
  return ipfsRemoteFromUri(uri, { label, ...(nameKeys && { nameKey: nameKeys.ipns }) });
}

// Readers reach the name, not the writer's node.
async function readersOf(uri: string, context: RemoteContext): Promise<string> {
  const remote = await openNode(uri, "link", context);
  await remote.storage.close?.();
  await remote.names.close?.();
  const gateway = gatewayVariable("IPFS_GATEWAY");
  const name = `ipns://${remote.name}`;
  return gateway === undefined ? name : withParameter(name, "gateway", gateway);
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
