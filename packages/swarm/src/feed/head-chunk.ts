import type { Chunk } from "../chunk/content-chunk.ts";
import { splitContent } from "../chunk/tree.ts";

/** The chunks of a head. */
export interface HeadChunks {
  /** What the update wraps: the head itself up to 4,096 bytes, or the root of its tree. */
  readonly root: Chunk;
  /** The chunks of the tree, leaves first, which are stored before the update. None where the update holds all of the head. */
  readonly tree: readonly (readonly Chunk[])[];
}

/** Payloads of these lengths Bee takes for a reference from the time when updates held nothing else: with 8 bytes before it. */
const LENGTHS_OF_REFERENCES: readonly number[] = [40, 72];

/** What is before the payload of a chunk. */
const SPAN_BYTES = 8;

/**
 * Cuts a head into the chunks of a content. One of 40 or 72 bytes gets a zero behind it: that changes neither its length,
 * which is in the span, nor its address, for what a chunk lacks counts as zeros; and no node takes it for a reference.
 */
export function headChunks(head: Uint8Array): HeadChunks {
  const { root, levels } = splitContent(head);
  if (levels.length > 1) {
    // The root is stored by itself, too: bee-js reads it by its address. Nothing refers to it before the update does, so
    // that it need not wait for the level below.
    const last = levels.at(-2) ?? [];
    return { root, tree: [...levels.slice(0, -2), [...last, root]] };
  }
  const tree: HeadChunks["tree"] = [];
  if (!LENGTHS_OF_REFERENCES.includes(root.data.length - SPAN_BYTES)) return { root, tree };
  const data = new Uint8Array(root.data.length + 1);
  data.set(root.data);
  return { root: { address: root.address, data }, tree };
}
