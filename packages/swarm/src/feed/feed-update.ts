// Sequence feeds (Book of Swarm): where each update is.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { ownerChunkAddress } from "../chunk/owner-chunk.ts";
import type { FeedName } from "./feed-name.ts";

/** Where an update of a feed is. */
export interface UpdatePlace {
  /** The id of its single-owner chunk, 32 bytes. */
  readonly id: Uint8Array;
  /** The address of that chunk, 32 bytes. */
  readonly address: Uint8Array;
}

/** The last index: it has 8 bytes. */
export const LAST_INDEX: bigint = 2n ** 64n - 1n;

/**
 * Where the update at an index of a feed is: its id is Keccak-256 over the topic and the index in 8 bytes, big-endian, as
 * in every sequence feed on Swarm.
 *
 * @param index - 0 to {@link LAST_INDEX}
 */
export function updatePlace({ owner, topic }: FeedName, index: bigint): UpdatePlace {
  const hashed = new Uint8Array(topic.length + 8);
  hashed.set(topic);
  new DataView(hashed.buffer).setBigUint64(topic.length, index);
  const id = keccak_256(hashed);
  return { id, address: ownerChunkAddress(id, owner) };
}
