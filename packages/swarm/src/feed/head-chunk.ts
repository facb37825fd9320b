// The chunks of a head: inside its update, or a tree below it.

import { SPAN_BYTES } from "../chunk/bmt.ts";
import type { Chunk } from "../chunk/content-chunk.ts";
import { splitContent } from "../chunk/tree.ts";

/** The chunks of a head. */
export interface HeadChunks {
  /** What the update wraps: the head itself up to 4,096 bytes, or the root of its tree. */
  readonly root: Chunk;
  /** The chunks of the tree, leaves first, which are stored before the update. None if the update holds all of the head. */
  readonly tree: readonly (readonly Chunk[])[];
}

/** Bee takes payloads of these lengths for references: once, updates held nothing but 8 bytes and a reference. */
const LENGTHS_OF_REFERENCES: readonly number[] = [40, 72];

/**
 * Cuts a head into the chunks of a content. A head of 40 or 72 bytes gets one zero more, so that no node takes it for a
 * reference. That changes neither its length, which is in the span, nor its address: what a chunk lacks counts as zeros.
 */
export function headChunks(head: Uint8Array): HeadChunks {
  const { root, levels } = splitContent(head);
  if (levels.length > 1) {
    // The root is stored by itself as well: bee-js reads it by its address. Nothing refers to it before the update does, so
    // it need not wait for the level below.
    const last = levels[levels.length - 2] ?? [];
    return { root, tree: [...levels.slice(0, -2), [...last, root]] };
  }
  const tree: HeadChunks["tree"] = [];
  if (!LENGTHS_OF_REFERENCES.includes(root.data.length - SPAN_BYTES)) return { root, tree };
  const data = new Uint8Array(root.data.length + 1);
  data.set(root.data);
  return { root: { address: root.address, data }, tree };
}
