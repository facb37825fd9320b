import { checkNodeOptions, type SwarmNodeOptions } from "../options.ts";
import { Chunks } from "./chunks.ts";
import { type BeeApi, beeApi } from "../node/bee-api.ts";
import { Stamp } from "../postage/stamp.ts";

/** A node, and the batch that pays for what is written there. */
export interface OpenedChunks {
  readonly api: BeeApi;
  /** `undefined` where nothing can be written. */
  readonly stamp: Stamp | undefined;
  readonly chunks: Chunks;
}

/**
 * Makes what reads and writes chunks on a node. Nothing is sent yet.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function openChunks(options: SwarmNodeOptions): OpenedChunks {
  const { stamp: id, ...checked } = checkNodeOptions(options);
  const api = beeApi(options);
  const stamp = id === undefined ? undefined : new Stamp(api, { id, ...checked });
  return { api, stamp, chunks: new Chunks(api, stamp, checked) };
}
