// `swarm:` URIs: a log on Swarm for reading, through a gateway or any Bee node.

import { usageError } from "../../errors/command-error.ts";
import { adviceOnFeedGateway } from "../advice/swarm-feed.ts";
import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { OpenFromLink, RemoteKind } from "../remote-kind.ts";
import { gatewayVariable, originOf, parameterOf, parametersOf, withParameter } from "../uri-parameters.ts";

/** `swarm://OWNER/TOPIC?gateway=https://…`: the feed of a log. */
export const swarmKind: RemoteKind = {
  open: async (uri, label, { nameKeys }) => {
    if (nameKeys !== undefined) {
      throw usageError(
        "A feed on Swarm can only be read by its owner and topic. To write, give a Bee node and a postage batch: " +
          `${BEE_EXAMPLE}. Owner and topic follow from the log's seed and id.`,
      );
    }
    const { swarmRemoteFromUri } = await import("@remote-log/swarm");
    return swarmRemoteFromUri(throughSwarmGateway(uri), { label, ...environmentFetchOption() });
  },
  origins: (uri) =>
    parametersOf(uri, "gateway")
      .filter((gateway) => gateway !== ownGateway())
      .map(originOf),
  ownOrigins: () => [originOf(ownGateway())],
  openFromLink: () => openAtGateway,
  advice: adviceOnFeedGateway,
};

const openAtGateway: OpenFromLink = async (uri, label, { fetch }) => {
  const { swarmRemoteFromUri } = await import("@remote-log/swarm");
  return swarmRemoteFromUri(throughSwarmGateway(uri), { label, fetch });
};

/** The gateway that is asked if a URI names none. */
function ownGateway(): string {
  return gatewayVariable("SWARM_GATEWAY") ?? "http://127.0.0.1:1633";
}

/** The URI of a Bee node for writing, for messages. */
export const BEE_EXAMPLE = "bee+http://127.0.0.1:1633?stamp=BATCH";

/** A `swarm:` URI with the gateway of the environment added, unless it names one itself. */
export function throughSwarmGateway(uri: string): string {
  const gateway = gatewayVariable("SWARM_GATEWAY");
  if (gateway === undefined || parameterOf(uri, "gateway")) return uri;
  return withParameter(uri, "gateway", gateway);
}
