// Whether readers would find an update.

import type { Call } from "@remote-log/core/adapter";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import type { Chunks } from "../transfer/chunks.ts";
import { unfindable } from "./errors.ts";
import type { FeedName } from "./feed-name.ts";
import { findNewest } from "./find-newest.ts";
import { probeUpdate } from "./probe.ts";

/** An update that is to be written. */
export interface PlannedUpdate {
  readonly chunks: Chunks;
  readonly feed: FeedName;
  readonly index: bigint;
  readonly ownerChunk: OwnerChunk;
}

/**
 * Makes sure that a reader who knows nothing of a feed would find an update, if it were there. If the one before it is
 * there, that is enough, and takes one request. Otherwise the feed is searched as a new reader would do: after a stamp has
 * expired, all earlier updates may be gone, and no reader would find one far above index 0.
 *
 * @throws StaleError `ERR_STALE` if nobody would find it
 * @throws the error of a probe on which that depends
 */
export async function checkFindable(
  { chunks, feed, index, ownerChunk }: PlannedUpdate,
  call: Call,
): Promise<void> {
  if (index === 0n) return;
  const before = await probeUpdate(chunks, feed, index - 1n, call);
  // No answer tells nothing; reading back tells the rest.
  if (before.status !== "missing") return;
  const found = await findNewest({
    ask: async (asked) =>
      asked === index ? { status: "found", update: ownerChunk } : probeUpdate(chunks, feed, asked, call),
    hint: Promise.resolve(undefined),
  });
  if (found.index === undefined || found.index < index) throw unfindable(index, call.context);
}
