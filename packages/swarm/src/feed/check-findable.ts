import type { ChunkRequest, Chunks } from "../transfer/chunks.ts";
import { unfindable } from "./errors.ts";
import type { FeedName } from "./feed-name.ts";
import { findNewest } from "./find-newest.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { probeUpdate } from "./probe.ts";

/** An update that is to be written. */
export interface PlannedUpdate {
  readonly chunks: Chunks;
  readonly feed: FeedName;
  readonly index: bigint;
  readonly ownerChunk: OwnerChunk;
}

/**
 * Sees to it that whoever knows nothing of a feed would find an update, if it were there. The one before it is enough, in
 * one request. Without it the feed is searched as a new reader would do: when a stamp has expired, every update before may
 * be gone, and one far above index 0 would be stored for nobody.
 *
 * @throws StaleError `ERR_STALE` where nobody would find it
 * @throws the error of a probe on which that depends
 */
export async function checkFindable(
  { chunks, feed, index, ownerChunk }: PlannedUpdate,
  request: ChunkRequest,
): Promise<void> {
  if (index === 0n) return;
  const before = await probeUpdate(chunks, feed, index - 1n, request);
  // Who is not answered knows no more than before; reading back tells the rest.
  if (before.status !== "missing") return;
  const found = await findNewest({
    ask: async (asked) =>
      asked === index ? { status: "found", update: ownerChunk } : probeUpdate(chunks, feed, asked, request),
    hint: Promise.resolve(undefined),
  });
  if (found.index === undefined || found.index < index) throw unfindable(index, request.context);
}
