// The shape of a tree of chunks, as Bee lays it out without redundancy.

import { CHUNK_BYTES } from "./bmt.ts";
import { HASH_BYTES } from "./keccak.ts";

/** Most children of a chunk: the number of references that its payload holds. */
export const BRANCHES: number = CHUNK_BYTES / HASH_BYTES;

/**
 * The number of bytes below each child of an inner chunk, except the last: the greatest full tree that is smaller than
 * the span. The last child has the rest, and is laid out like a content of that length: a lone chunk at the end of a level
 * moves up until it has siblings.
 *
 * So the length of a content determines its whole tree, and a tree has one valid form.
 *
 * @param span - number of bytes below the chunk, more than 4,096
 */
export function childSpan(span: number): number {
  let child = CHUNK_BYTES;
  while (child * BRANCHES < span) child *= BRANCHES;
  return child;
}
