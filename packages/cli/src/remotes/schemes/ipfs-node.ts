// `ipfs+http:` and `ipfs+https:` URIs: a log on an IPFS node, reached by its RPC.

import { generateSeed, type MirrorTarget, type Remote } from "@remote-log/core";
import { usageError } from "../../errors/command-error.ts";
import { adviceOnIpnsName } from "../advice/ipns-name.ts";
import { recordCheckup } from "../checkups/ipns-record.ts";
import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { RemoteContext, RemoteKind } from "../remote-kind.ts";
import { gatewayVariable, originOf, parameterOf, parametersOf, withParameter } from "../uri-parameters.ts";

/** `ipfs+http://127.0.0.1:5001`: a node for the contents, and the log's IPNS name. */
export const ipfsNodeKind: RemoteKind = {
  open: openIpfsNode,
  readerUri: ipnsUriOf,
  advice: adviceOnIpnsName,
  checkup: recordCheckup,
  origins: (uri) => [
    originOf(uri.replace(/^ipfs\+/, "").replace(/[?#].*$/s, "")),
    ...parametersOf(uri, "delegated").map(originOf),
  ],
  openFromLink: () => RPC_FROM_LINK,
  openTarget: async (uri, label, ipnsName): Promise<MirrorTarget> => {
    if (parameterOf(uri, "name") !== undefined) return openIpfsNode(uri, label, {});
    if (ipnsName !== undefined) return openIpfsNode(withParameter(uri, "name", ipnsName), label, {});
    // A log without an IPNS name: the node takes the contents. The name of this new key is never set.
    const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
    const { storage } = await ipfsRemoteFromUri(uri, {
      label,
      nameKey: generateSeed(),
      ...environmentFetchOption(),
    });
    return { storage, label };
  },
};

/** Why a link can't lead to a node: every command of its RPC is a `POST`, and among them are some that change the node. */
export const RPC_FROM_LINK =
  "it is the RPC of an IPFS node, and whoever sends requests there controls the node";

/**
 * Opens a log on a node.
 *
 * @throws CommandError `ERR_USAGE` for a reader without an IPNS name
 */
export async function openIpfsNode(uri: string, label: string, { nameKeys }: RemoteContext): Promise<Remote> {
  if (nameKeys === undefined && parameterOf(uri, "name") === undefined) {
    throw usageError(
      "To read from an IPFS node, add the log's IPNS name: ipfs+http://127.0.0.1:5001?name=k51…. The log's link holds it; " +
        "rlog link prints the link.",
    );
  }
  const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
  return ipfsRemoteFromUri(uri, {
    label,
    ...environmentFetchOption(),
    ...(nameKeys && { nameKey: nameKeys.ipns }),
  });
}

/** The `ipns:` URI of a log on a node: readers reach the name, not the writer's node. */
export async function ipnsUriOf(uri: string, context: RemoteContext): Promise<string> {
  const remote = await openIpfsNode(uri, "link", context);
  await remote.storage.close?.();
  await remote.names.close?.();
  const gateway = gatewayVariable("IPFS_GATEWAY");
  const name = `ipns://${remote.name}`;
  return gateway === undefined ? name : withParameter(name, "gateway", gateway);
}
