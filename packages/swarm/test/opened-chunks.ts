import { checkNodeOptions, type SwarmNodeOptions } from "../src/options.ts";
import { type OpenedChunks, openChunks } from "../src/transfer/open-chunks.ts";

/** What reads and writes chunks on a node, from options as a user gives them. */
export function openedChunks(options: SwarmNodeOptions): OpenedChunks {
  return openChunks(options, checkNodeOptions(options));
}
