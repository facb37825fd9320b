// Chunks on their way to a node: of contents, or with an owner.

import type { Call } from "@remote-log/core/adapter";
import type { Chunk } from "../chunk/content-chunk.ts";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import type { BeeApi } from "../node/bee-api.ts";
import type { Payment } from "../node/payment.ts";

/** One upload of a chunk. */
export interface ChunkWrite {
  /** `"owner"`: a single-owner chunk. */
  readonly kind: "content" | "owner";
  readonly address: Uint8Array;
  /** The address in hexadecimal, which the node has to answer with. */
  readonly reference: string;
  /**
   * Sends the chunk.
   *
   * @returns the address that the node says it has stored; it may be anything
   */
  send(api: BeeApi, payment: Payment, call: Call): Promise<unknown>;
}

/** The upload of a chunk of a content. */
export function contentWrite({ address, data }: Chunk): ChunkWrite {
  return {
    kind: "content",
    address,
    reference: toHex(address),
    send: (api, payment, call) => api.uploadChunk(data, payment, call),
  };
}

/** The upload of a single-owner chunk. */
export function ownerWrite(chunk: OwnerChunk): ChunkWrite {
  return {
    kind: "owner",
    address: chunk.address,
    reference: toHex(chunk.address),
    send: (api, payment, call) => api.uploadOwnerChunk(chunk, payment, call),
  };
}
