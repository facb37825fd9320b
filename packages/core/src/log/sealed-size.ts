// How many bytes storage gets for a content.

import type { GenesisSettings } from "./genesis.ts";
import { paddedBytes } from "./padding.ts";

/** What a seal adds, in bytes: the tag of Poly1305. */
const SEAL_BYTES = 16;

/** How many bytes storage gets for a content of some bytes. */
export function storedBytes(content: number, { visibility, padding }: GenesisSettings): number {
  return visibility === "public" ? content : paddedBytes(content, padding) + SEAL_BYTES;
}

/** The largest content for which storage gets at most `stored` bytes; -1 if not even an empty one fits. */
export function largestContentIn(stored: number, settings: GenesisSettings): number {
  let [fits, over] = [-1, stored + 1];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (storedBytes(middle, settings) <= stored) fits = middle;
    else over = middle;
  }
  return fits;
}
