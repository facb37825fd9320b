// Advice on a log on Swarm that could not be read.

import type { RemoteLogError } from "@remote-log/core";
import { gatewayVariable, parameterOf } from "../uri-parameters.ts";

/** Advice if nothing was found in the feed of a URI. */
export function adviceOnFeed(uri: string, { code, operation }: RemoteLogError): string | undefined {
  if (code !== "ERR_NOT_FOUND" || operation !== "reader.sync") return undefined;
  const owner = /^swarm:\/\/([^/?#]+)/.exec(uri)?.[1] || parameterOf(uri, "owner");
  if (!owner) return undefined;
  return (
    `Nothing was found in the feed of ${owner}. Check the owner, and that the node is on the same network. Swarm drops what ` +
    "is no longer paid for: the log's writer can check that with rlog doctor."
  );
}

/** The same for a `swarm:` URI, and advice if the default gateway did not answer. */
export function adviceOnFeedGateway(uri: string, error: RemoteLogError): string | undefined {
  const byDefault = !parameterOf(uri, "gateway") && gatewayVariable("SWARM_GATEWAY") === undefined;
  return error.code === "ERR_UNREACHABLE" && byDefault ? CHOOSE_GATEWAY : adviceOnFeed(uri, error);
}

const CHOOSE_GATEWAY =
  "No gateway was named, so a Bee node on this machine was asked. To use another one, set SWARM_GATEWAY=https://HOST, or " +
  "read by the log's id with --remote 'swarm://OWNER/TOPIC?gateway=https://HOST'.";
