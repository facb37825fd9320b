// `bee+http:` and `bee+https:` URIs: a log on Swarm, written and read through the API of a Bee node.

import { generateSeed } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import type { SwarmRemote } from "@remote-log/swarm";
import { usageError } from "../../errors/command-error.ts";
import { adviceOnBatch } from "../advice/postage-batch.ts";
import { adviceOnFeed } from "../advice/swarm-feed.ts";
import { batchCheckup } from "../checkups/postage-batch.ts";
import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { OpenedTarget, OpenFromLink, RemoteContext, RemoteKind } from "../remote-kind.ts";
import { originOf, parameterOf } from "../uri-parameters.ts";
import { BEE_EXAMPLE, throughSwarmGateway } from "./swarm.ts";

/** `bee+http://127.0.0.1:1633?stamp=…`: a node for the contents, and the feed that follows from the log's seed. */
export const beeNodeKind: RemoteKind = {
  open: openBeeNode,
  readerUri: async (uri, context) => {
    const remote = await openBeeNode(uri, "link", context);
    await remote.storage.close?.();
    // Readers reach the feed, not the writer's node.
    const feed = remote.names.nameOf(remote.name ?? context.logId ?? "");
    await remote.names.close?.();
    return throughSwarmGateway(`swarm://${feed.text}`);
  },
  openTarget: async (uri, label): Promise<OpenedTarget> => {
    if (!parameterOf(uri, "stamp")) throw noStamp();
    const { swarmRemoteFromUri } = await import("@remote-log/swarm");
    // A mirror sets no name on Swarm, so any owner will do.
    const owner = parameterOf(uri, "owner") ? {} : { nameKey: generateSeed() };
    const { storage, names } = swarmRemoteFromUri(uri, { label, ...owner, ...environmentFetchOption() });
    await names.close?.();
    return { storage, label, unnamed: UNNAMED };
  },
  origins: (uri) => [originOf(uri.replace(/^bee\+/, "").replace(/[?#].*$/s, ""))],
  // Reading asks a node no more than a gateway.
  openFromLink: () => openBeeGateway,
  advice: (uri, error) => adviceOnBatch(uri, error) ?? adviceOnFeed(uri, error),
  checkup: batchCheckup,
};

const UNNAMED = "the name was not set there: only the log's writer can write its feed on Swarm";

const openBeeGateway: OpenFromLink = (uri, label, { fetch }) => openBeeNode(uri, label, {}, fetch);

async function openBeeNode(
  uri: string,
  label: string,
  { nameKeys }: RemoteContext,
  fetch?: Fetch,
): Promise<SwarmRemote> {
  if (nameKeys !== undefined && !parameterOf(uri, "stamp")) throw noStamp();
  if (nameKeys === undefined && !parameterOf(uri, "owner")) {
    throw usageError(
      "To read from a Bee node, add the log's owner on Swarm: bee+http://127.0.0.1:1633?owner=OWNER, or use " +
        "swarm://OWNER/TOPIC?gateway=http://127.0.0.1:1633. The log's link holds both; rlog link prints the link.",
    );
  }
  const { swarmRemoteFromUri } = await import("@remote-log/swarm");
  return swarmRemoteFromUri(uri, {
    label,
    ...(nameKeys && { nameKey: nameKeys.swarm }),
    ...(fetch === undefined ? environmentFetchOption() : { fetch }),
  });
}

function noStamp(): Error {
  return usageError(
    `To write to Swarm, a Bee node needs a postage batch, which pays for what is stored: ${BEE_EXAMPLE}. Buy one at the ` +
      "node with swarm-cli stamp buy --depth 20 --amount AMOUNT --immutable; swarm-cli stamp list shows the batches it has.",
  );
}
