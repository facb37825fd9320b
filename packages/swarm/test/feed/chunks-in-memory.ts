// Chunks that a test holds in its hands: what is asked for, what is stored, and what a node says instead.

import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Call } from "@remote-log/core/adapter";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../src/chunk/ethereum.ts";
import { toHex } from "../../src/chunk/hex.ts";
import { type OwnerChunk, ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { type FeedName, feedNameOf } from "../../src/feed/feed-name.ts";
import { updatePlace } from "../../src/feed/feed-update.ts";
import type { ChunkLimits, Chunks, Upload } from "../../src/transfer/chunks.ts";

export const key: Uint8Array = keccak_256(Uint8Array.of(7));

/** A feed of the key. */
export const feed: FeedName = feedNameOf("a log", ethereumAddress(key));

/** The address of an update, in hexadecimal. */
export function placeOf(index: bigint): string {
  return toHex(updatePlace(feed, index).address);
}

/** An update of the feed, with its head in it. */
export function updateOf(index: bigint, head: Uint8Array): OwnerChunk {
  return ownerChunk({ key, id: updatePlace(feed, index).id, chunk: contentChunk(head) });
}

/** The call that an operation makes. */
export function callOf(signal: AbortSignal = new AbortController().signal): Call {
  return { signal, context: { operation: "names.update", action: "updating a name" } };
}

/** What a node says of a chunk, in place of what is stored. */
export type Says = (signal: AbortSignal) => Promise<Uint8Array | undefined>;

/** Chunks in memory. */
export class ChunksInMemory {
  /** By their addresses in hexadecimal. */
  readonly stored = new Map<string, Uint8Array>();
  readonly says = new Map<string, Says>();
  /** Every address that was asked for, and the limits of each. */
  readonly asked: string[] = [];
  readonly limits: ChunkLimits[] = [];
  readonly uploads: Upload[] = [];
  showsUnpushed = false;
  /** Whether what is uploaded is there afterwards. */
  keeps = true;

  get chunks(): Chunks {
    return this as unknown as Chunks;
  }

  /** Puts an update there. */
  plant(index: bigint, head: Uint8Array): OwnerChunk {
    const update = updateOf(index, head);
    this.stored.set(placeOf(index), update.data);
    return update;
  }

  async getChunk(
    address: Uint8Array,
    limits: ChunkLimits,
    { signal }: Call,
  ): Promise<Uint8Array | undefined> {
    const place = toHex(address);
    this.asked.push(place);
    this.limits.push(limits);
    const says = this.says.get(place);
    return says === undefined ? this.stored.get(place) : says(signal);
  }

  async upload(upload: Upload): Promise<void> {
    this.uploads.push(upload);
    if (!this.keeps) return;
    for (const { address, data } of [
      ...upload.levels.flat(),
      ...(upload.ownerChunk ? [upload.ownerChunk] : []),
    ]) {
      this.stored.set(toHex(address), data);
    }
  }
}
