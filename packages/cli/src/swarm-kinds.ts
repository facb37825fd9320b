import { generateSeed, type Remote, type RemoteLogError } from "@remote-log/core";
import type { SwarmHealth, SwarmRemote } from "@remote-log/swarm";
import { usageError } from "./failure.ts";
import { dayOf, inDays } from "./in-days.ts";
import type { Checkup, CheckupOptions, OpenedTarget, RemoteContext, RemoteKind } from "./remote-kind.ts";
import { gatewayVariable, withParameter } from "./uri-parameters.ts";

/** `bee+http://127.0.0.1:1633?stamp=…`: a Bee node, for contents, and the feed that follows from the log's seed. */
export const beeKind: RemoteKind = {
  open: openNode,
  readerUri: async (uri, context) => {
    const remote = await openNode(uri, "link", context);
    await remote.storage.close?.();
    // Readers reach the feed, not the writer's node.
    const feed = remote.names.nameOf(remote.name ?? context.logId ?? "");
    await remote.names.close?.();
    return throughGateway(`swarm://${feed.text}`);
  },
  openTarget: async (uri, label): Promise<OpenedTarget> => {
    if (!hasParameter(uri, "stamp")) throw noStamp();
    const { swarmRemoteFromUri } = await import("@remote-log/swarm");
    // Nothing is named: whose feed it would be matters to nobody.
    const owner = hasParameter(uri, "owner") ? {} : { nameKey: generateSeed() };
    const { storage, names } = swarmRemoteFromUri(uri, { label, ...owner });
    await names.close?.();
    return { storage, label, unnamed: UNNAMED };
  },
  advice: adviceOnNode,
  checkup,
};

/** `swarm://OWNER/TOPIC?gateway=https://…`: a log on Swarm for reading, through a gateway or anyone's node. */
export const swarmKind: RemoteKind = {
  open: async (uri, label, { nameKeys }) => {
    if (nameKeys !== undefined) {
      throw usageError(
        "A feed on Swarm can only be read by its owner and topic. To write, give a Bee node and a postage batch: " +
          `${NODE}. Owner and topic follow from the log's seed and id.`,
      );
    }
    const { swarmRemoteFromUri } = await import("@remote-log/swarm");
    return swarmRemoteFromUri(throughGateway(uri), { label });
  },
  advice: (uri, error) => {
    if (error.code === "ERR_UNREACHABLE" && throughGateway(uri) === uri && !hasParameter(uri, "gateway"))
      return CHOOSE_GATEWAY;
    return adviceOnFeed(uri, error);
  },
};

const NODE = "bee+http://127.0.0.1:1633?stamp=BATCH";

const UNNAMED = "the name was not set there: a feed on Swarm is written by the log's writer alone";

const CHOOSE_GATEWAY =
  "No gateway is named, so a Bee node on this machine was asked. For another one, set SWARM_GATEWAY=https://HOST, or " +
  "read by the log's id with --remote 'swarm://OWNER/TOPIC?gateway=https://HOST'.";

async function openNode(uri: string, label: string, { nameKeys }: RemoteContext): Promise<SwarmRemote> {
  if (nameKeys !== undefined && !hasParameter(uri, "stamp")) throw noStamp();
  if (nameKeys === undefined && !hasParameter(uri, "owner")) {
    throw usageError(
      "To read from a Bee node, the log's owner on Swarm is needed: bee+http://127.0.0.1:1633?owner=OWNER, or " +
        "swarm://OWNER/TOPIC?gateway=http://127.0.0.1:1633. It stands in the log's link, which rlog link prints.",
    );
  }
  const { swarmRemoteFromUri } = await import("@remote-log/swarm");
  return swarmRemoteFromUri(uri, { label, ...(nameKeys && { nameKey: nameKeys.swarm }) });
}

function noStamp(): Error {
  return usageError(
    `To write to Swarm, a Bee node needs a postage batch, which pays for what is stored: ${NODE}. Buy one at the node with ` +
      "swarm-cli stamp buy --depth 20 --amount AMOUNT --immutable; swarm-cli stamp list shows those that it has.",
  );
}

/** Adds the gateway of the environment to a URI that names none. */
function throughGateway(uri: string): string {
  const gateway = gatewayVariable("SWARM_GATEWAY");
  if (gateway === undefined || hasParameter(uri, "gateway")) return uri;
  return withParameter(uri, "gateway", gateway);
}

function hasParameter(uri: string, name: string): boolean {
  return new RegExp(`[?&]${name}=.`).test(uri);
}

function adviceOnNode(uri: string, error: RemoteLogError): string | undefined {
  const { code, message } = error;
  const [, stamp = ""] = /[?&]stamp=([^&#]+)/.exec(uri) ?? [];
  if (stamp === "" || !message.includes(stamp.toLowerCase())) return adviceOnFeed(uri, error);
  if (code === "ERR_INVALID_INPUT" && message.includes("mutable")) {
    return (
      "A mutable batch drops old entries when it is full. Put the id of an immutable one into the remote's URI in config.json, " +
      "or, if entries may be lost, add &mutable=allow to it."
    );
  }
  // Of a batch that is full or of another node, the error itself says what to do.
  if (code !== "ERR_QUOTA" || !message.includes("knows of no batch")) return undefined;
  return (
    "Where a batch has expired, what it paid for is lost on Swarm. With another batch, give the remote a new label in " +
    "config.json as well, append an entry and publish: then everything is stored anew."
  );
}

function adviceOnFeed(uri: string, { code, operation }: RemoteLogError): string | undefined {
  if (code !== "ERR_NOT_FOUND" || operation !== "reader.sync") return undefined;
  const [, owner] = /^swarm:\/\/([^/?#]+)/.exec(uri) ?? /[?&]owner=([^&#]+)/.exec(uri) ?? [];
  if (owner === undefined) return undefined;
  return (
    `Nothing was found in the feed of ${owner}. Is it the right one, and is the node on the same network? Swarm drops what is ` +
    "not paid for any more: the log's writer sees with rlog doctor whether it is."
  );
}

/** The health of the postage batch, where the remote has one. */
async function checkup(
  uri: string,
  remote: Remote,
  { signal }: CheckupOptions,
): Promise<Checkup | undefined> {
  if (!hasParameter(uri, "stamp")) return undefined;
  const health = await (remote as SwarmRemote).health({ signal });
  const { lostOn, warnings, ...rest } = health;
  return {
    facts: [batchFact(health)],
    // Who has allowed a mutable batch knows.
    findings: warnings.filter(({ code }) => code !== "mutable" || !hasParameter(uri, "mutable")),
    details: { batch: { ...rest, ...(lostOn && { lostOn: lostOn.toISOString() }) } },
  };
}

function batchFact({ stamp, utilization, remainingMilliseconds, lostOn, ...batch }: SwarmHealth): string {
  const used =
    utilization === undefined ? "" : ` ${Math.floor(utilization * 100)} % full in its fullest bucket,`;
  const paid =
    remainingMilliseconds === undefined || lostOn === undefined
      ? "paid for as long as the node can't tell"
      : `paid for ${inDays(remainingMilliseconds)}: unless it is topped up, the log is lost on ${dayOf(lostOn)}`;
  const kind = batch.immutable ? "immutable" : "mutable";
  return `batch ${stamp} (depth ${batch.depth}, ${kind}):${used} ${paid}`;
}
