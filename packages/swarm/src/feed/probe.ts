// One update of a feed, asked for by its address and verified.

import { IntegrityError } from "@remote-log/core";
import { bytesEqual, type Call, throwIfAborted } from "@remote-log/core/adapter";
import { OWNER_CHUNK_BYTES, type OwnerChunk, readOwnerChunk } from "../chunk/owner-chunk.ts";
import type { Chunks } from "../transfer/chunks.ts";
import type { FeedName } from "./feed-name.ts";
import { updatePlace } from "./feed-update.ts";

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

/** What is known before an update is asked for. */
export interface ProbeOptions {
  /** The most bytes of a head that are of use: a longer one is `"unknown"`, with a TooLargeError. */
  readonly maxBytes?: number | undefined;
  /** An update that was verified before, or made here. If the very same bytes come again, their signature is not checked again. */
  readonly verified?: OwnerChunk | undefined;
}

/**
 * Asks a node for the update at an index, in one request, and verifies what it shows.
 *
 * @throws the reason of the signal, and nothing else
 */
export async function probeUpdate(
  chunks: Chunks,
  feed: FeedName,
  index: bigint,
  call: Call,
  { maxBytes, verified }: ProbeOptions = {},
): Promise<Probe> {
  const { signal, context } = call;
  const { id, address } = updatePlace(feed, index);
  try {
    const data = await chunks.getChunk(address, { limit: OWNER_CHUNK_BYTES, maxBytes }, call);
    if (data === undefined) return { status: "missing" };
    if (verified !== undefined && bytesEqual(verified.address, address) && bytesEqual(verified.data, data)) {
      return { status: "found", update: verified };
    }
    return {
      status: "found",
      update: readOwnerChunk(data, { id, owner: feed.owner, operation: context.operation }),
    };
  } catch (error) {
    throwIfAborted(signal);
    return { status: "unknown", error: mayBeBetterNextTime(error) };
  }
}

/** A forged or damaged answer does not mean that the update is lost: the next answer may be sound. */
function mayBeBetterNextTime(error: unknown): unknown {
  if (!(error instanceof IntegrityError)) return error;
  return new IntegrityError(error.message, { operation: error.operation, retry: "safe", cause: error });
}
