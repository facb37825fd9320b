import { DeniedError, NameConflictError, StaleError, TimeoutError, TooLargeError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import type { ParsedRevision } from "./revision.ts";

/** Whoever would update a name does not have its key. */
export function withoutKey({ operation, action }: OperationContext): DeniedError {
  return new DeniedError(
    `While ${action}: the key of its owner is not known here, and nobody else can sign its updates. Open the names with the ` +
      "`nameKey` of the log (`deriveKeys(seed).swarm`).",
    { operation },
  );
}

/** A head is more than is allowed. */
export function tooLarge(
  bytes: number,
  limit: number,
  { operation, action }: OperationContext,
): TooLargeError {
  return new TooLargeError(`While ${action}: the head has ${bytes} bytes, and the limit is ${limit}.`, {
    operation,
    limit,
  });
}

/** Another update stands where this one would be, or above. */
export function conflict(
  ours: ParsedRevision,
  other: ParsedRevision,
  { operation, action }: OperationContext,
): NameConflictError {
  const place =
    ours.index === other.index
      ? `update ${ours.index}`
      : `update ${other.index}, which stands above update ${ours.index},`;
  return new NameConflictError(
    `While ${action}: ${place} holds the chunk ${other.chunk}, and ours is ${ours.chunk}. Somebody else has the same key, ` +
      "or this writer's own count is old. Resolve the name to see what it holds.",
    { operation },
  );
}

/** An update was stored, as the node said, and did not show. */
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

/** An update that was seen is not shown any more. */
export function lost(index: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: update ${index} was there, and the node shows neither that nor a newer one. Try again later, or by ` +
      "another node. If its stamp has expired, what the log held there is lost, and the writer has to publish it anew, under " +
      "another label and another name.",
    { operation },
  );
}

/** Nobody who looks for the newest update would find this one. */
export function unfindable(index: bigint, { operation, action }: OperationContext): StaleError {
  return new StaleError(
    `While ${action}: update ${index - 1n} is not there any more, nor are the earlier ones, so that no new reader would find ` +
      `update ${index}. Nothing was sent. Try again later, or by another node. If the stamp has expired, what the log held there ` +
      "is lost, too: open the remote with another label and another name, publish, and give readers the new link.",
    // Waiting alone does not bring it back.
    { operation, retry: "never" },
  );
}
