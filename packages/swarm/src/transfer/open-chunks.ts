// A node and a postage batch, opened for reading and writing chunks.

import { type BeeApi, beeApi, type NodeOptions } from "../node/bee-api.ts";
import { Stamp, type StampOptions } from "../postage/stamp.ts";
import { Chunks, type ChunksOptions } from "./chunks.ts";

/** How chunks are read, written and paid for. */
export interface TransferOptions extends ChunksOptions, Omit<StampOptions, "id"> {
  /** The id of the postage batch, in lower case; `undefined` if nothing is to be written. */
  readonly stamp: string | undefined;
}

/** A node, and the batch that pays for what is written there. */
export interface OpenedChunks {
  readonly api: BeeApi;
  /** `undefined` if nothing can be written. */
  readonly stamp: Stamp | undefined;
  readonly chunks: Chunks;
}

/**
 * Makes what reads and writes chunks on a node. Nothing is sent yet.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a node that can't be used
 */
export function openChunks(node: NodeOptions, { stamp: id, ...options }: TransferOptions): OpenedChunks {
  const api = beeApi(node);
  const stamp = id === undefined ? undefined : new Stamp(api, { id, ...options });
  return { api, stamp, chunks: new Chunks(api, stamp, options) };
}
