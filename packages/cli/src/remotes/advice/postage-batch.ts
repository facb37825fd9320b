// Advice on a postage batch that a Bee node can't write with.

import type { RemoteLogError } from "@remote-log/core";
import { parameterOf } from "../uri-parameters.ts";

/** Advice if a writer's batch is mutable, or unknown to the node. The URI must name a batch. */
export function adviceOnBatch(uri: string, { reason }: RemoteLogError): string | undefined {
  if (!parameterOf(uri, "stamp")) return undefined;
  // If a batch is full or belongs to another node, the error itself says what to do.
  if (reason === "batch-mutable") return MUTABLE;
  return reason === "batch-unknown" ? UNKNOWN : undefined;
}

const MUTABLE =
  "A mutable batch drops old entries when it is full. Put the id of an immutable batch into the remote's URI in config.json. " +
  "If entries may be lost, add &mutable=allow to it.";

const UNKNOWN =
  "If a batch has expired, Swarm drops what it paid for. To use another batch, give the remote a new label in config.json as " +
  "well, and publish: then everything is stored again.";
