import { IntegrityError } from "@remote-log/core";
import { HttpFailure } from "@remote-log/core/adapter";
import type { ChunkRequest, Chunks } from "../transfer/chunks.ts";
import type { FeedName } from "./feed-name.ts";
import { updatePlace } from "./feed-update.ts";
import { OWNER_CHUNK_BYTES, type OwnerChunk, readOwnerChunk } from "../chunk/owner-chunk.ts";

/**
 * What a node says of one update of a feed.
 *
 * - `"found"`: it is there, and its owner signed it
 * - `"missing"`: the node answered that there is none
 * - `"unknown"`: anything else, from which nothing follows
 */
export type Probe =
  | { readonly status: "found"; readonly update: OwnerChunk }
  | { readonly status: "missing" }
  | { readonly status: "unknown"; readonly error: unknown };

/**
 * Asks a node for the update at an index, in one request, and verifies what it shows.
 *
 * @param maxBytes - the most bytes of a head that are of use: a longer one is `"unknown"`, with a TooLargeError
 * @throws the reason of the signal, and nothing else
 */
export async function probeUpdate(
  chunks: Chunks,
  feed: FeedName,
  index: bigint,
  request: ChunkRequest,
  maxBytes?: number,
): Promise<Probe> {
  const { signal, context } = request;
  const { id, address } = updatePlace(feed, index);
  try {
    const limits = { limit: OWNER_CHUNK_BYTES, ...(maxBytes !== undefined && { maxBytes }) };
    const data = await chunks.getChunk(address, limits, request);
    return {
      status: "found",
      update: readOwnerChunk(data, { id, owner: feed.owner, operation: context.operation }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HttpFailure && error.status === 404) return { status: "missing" };
    return { status: "unknown", error: mayBeBetterNextTime(error) };
  }
}

/** What a node shows in place of an update is no loss of it: a cut answer, or somebody between, may be gone the next time. */
function mayBeBetterNextTime(error: unknown): unknown {
  if (!(error instanceof IntegrityError)) return error;
  return new IntegrityError(error.message, { operation: error.operation, retry: "safe", cause: error });
}
