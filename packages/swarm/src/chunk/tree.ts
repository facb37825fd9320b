// A content as a tree of chunks.

import { bmtHash, CHUNK_BYTES, SPAN_BYTES } from "./bmt.ts";
import { type Chunk, contentChunk } from "./content-chunk.ts";
import { HASH_BYTES } from "./keccak.ts";
import { BRANCHES } from "./layout.ts";

/** The chunks of a content. */
export interface ContentTree {
  /** Its address is that of the content. */
  readonly root: Chunk;
  /**
   * All chunks: the leaves in their order, then level by level the chunks that refer to them. The last level is the root.
   * A content of zeros has the same chunk many times.
   */
  readonly levels: readonly (readonly Chunk[])[];
}

/** A finished chunk: what its parent has to know of it. */
interface Part {
  readonly address: Uint8Array;
  /** The number of bytes of content below it. */
  readonly span: number;
}

/**
 * Cuts a content into chunks, as Bee does without redundancy: leaves of 4,096 bytes, above them chunks of up to 128
 * references of 32 bytes. An empty content is one chunk without payload.
 *
 * @param content - any length; copied
 */
export function splitContent(content: Uint8Array): ContentTree {
  const levels: Chunk[][] = [];
  let root: Chunk | undefined;
  growTree(content, (level, span, payload) => {
    root = contentChunk(payload, BigInt(span));
    levels[level] ??= [];
    levels[level].push(root);
    return root.address;
  });
  return { root: root as Chunk, levels };
}

/**
 * The address of the root chunk of a content, 32 bytes, without keeping the chunks.
 *
 * @param content - any length
 */
export function rootAddress(content: Uint8Array): Uint8Array {
  const spanBytes = new Uint8Array(SPAN_BYTES);
  const spanView = new DataView(spanBytes.buffer);
  return growTree(content, (_level, span, payload) => {
    spanView.setBigUint64(0, BigInt(span), true);
    return bmtHash(spanBytes, payload);
  }).address;
}

/** Makes every chunk of a content, children before their parents, the root last. */
function growTree(
  content: Uint8Array,
  make: (level: number, span: number, payload: Uint8Array) => Uint8Array,
): Part {
  let parts: Part[] = [];
  for (let at = 0; at === 0 || at < content.length; at += CHUNK_BYTES) {
    const payload = content.subarray(at, at + CHUNK_BYTES);
    parts.push({ address: make(0, payload.length, payload), span: payload.length });
  }
  for (let level = 1; parts.length > 1; level++) {
    const above: Part[] = [];
    for (let at = 0; at < parts.length; at += BRANCHES) {
      const group = parts.slice(at, at + BRANCHES);
      above.push(group.length === 1 ? (group[0] as Part) : join(group, level, make));
    }
    parts = above;
  }
  return parts[0] as Part;
}

function join(group: readonly Part[], level: number, make: Parameters<typeof growTree>[1]): Part {
  const payload = new Uint8Array(group.length * HASH_BYTES);
  let span = 0;
  for (const [at, part] of group.entries()) {
    payload.set(part.address, at * HASH_BYTES);
    span += part.span;
  }
  return { address: make(level, span, payload), span };
}
