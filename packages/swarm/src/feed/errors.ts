// What can go wrong with an update of a feed.

import { DeniedError, NameConflictError, StaleError, TimeoutError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import type { ParsedRevision } from "./revision.ts";

/** The key of the name is not known here. */
export function withoutKey({ operation, action }: OperationContext): DeniedError {
  return new DeniedError(
    `While ${action}: the key of its owner is not known here, and nobody else can sign its updates. Open the names with the ` +
      "`nameKey` of the log (`deriveKeys(seed).swarm`).",
    { operation },
  );
}

/** Another update is where this one would be, or above. */
export function conflict(
  ours: ParsedRevision,
  other: ParsedRevision,
  { operation, action }: OperationContext,
): NameConflictError {
  const place =
    ours.index === other.index
      ? `update ${ours.index}`
      : `update ${other.index}, which is above update ${ours.index},`;
  return new NameConflictError(
    `While ${action}: ${place} holds the chunk ${other.chunk}, and ours is ${ours.chunk}. Somebody else has the same key, ` +
      "or this writer's own count is old. Resolve the name to see what it holds.",
    { operation },
  );
}

/** The node said that an update is stored, and never showed it. */
export function notShown(
  index: bigint,
  milliseconds: number,
  cause: unknown,
  { operation, action }: OperationContext,
): TimeoutError {
  return new TimeoutError(
    `While ${action}: the node said that update ${index} is stored, and did not show it within ${milliseconds} ms. Whether ` +
      "the network has it is not known. Try again, or allow more time (readBackMilliseconds).",
    { operation, cause },
  );
}

/** An update that was seen before is no longer shown. */
export function lost(index: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: update ${index} was there, and the node shows neither it nor a newer one. Try again later, or by ` +
      "another node. If its stamp has expired, what the log held there is lost, and the writer has to publish it anew, under " +
      "another label and another name.",
    { operation },
  );
}

/** No reader who looks for the newest update would find this one. */
export function unfindable(index: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: update ${index - 1n} is no longer there, nor are the earlier ones, so no new reader would find ` +
      `update ${index}. Nothing was sent. Try again later, or by another node. If the stamp has expired, what the log held there ` +
      "is lost, too: open the remote with another label and another name, publish, and give readers the new link.",
    // Waiting alone does not bring it back.
    { operation, retry: "never" },
  );
}
