// How a log of a given size is cut into pages and index nodes; docs/protocol.md, "Pages, nodes, head".

import type { GenesisSettings } from "./genesis.ts";

/** How a log is cut into pages and nodes. */
export type Cuts = Pick<GenesisSettings, "leafSize" | "fanOut">;

/**
 * One level of the index at a given size. Level 1 holds refs to leaf pages, level 2 refs to full
 * nodes of level 1, and so on.
 */
export interface LevelShape {
  /** Number of refs in the rightmost node of this level: 1 to the fan-out. */
  readonly refs: number;
  /** Index, among all children of this level, of the first of those refs. */
  readonly first: number;
  /** Number of entries below one ref of this level. */
  readonly leavesPerRef: number;
}

/** How a log of a given size is cut into pages and index nodes. It follows from the size and the genesis alone. */
export interface TreeShape {
  /** Number of entries. */
  readonly size: number;
  /** Number of full leaf pages. The newest entries (1 to the leaf size) are in the head instead. */
  readonly pages: number;
  /** The levels of the index, from the lowest (refs to pages) upwards; none if there are no pages. */
  readonly levels: readonly LevelShape[];
}

/**
 * Cuts a log along powers of two.
 *
 * A page, and a node, moves into the level above only when the next one begins. So the head always holds the
 * newest entry, and refs to the newest page and to the newest full node of each level: the newest 1,000
 * entries never need more than head, node, page, wherever the borders fall.
 */
export function treeShape(size: number, { leafSize, fanOut }: Cuts): TreeShape {
  const pages = size === 0 ? 0 : Math.floor((size - 1) / leafSize);
  const levels: LevelShape[] = [];
  let children = pages;
  let leavesPerRef = leafSize;
  while (children > 0) {
    const full = Math.floor((children - 1) / fanOut);
    levels.push({ refs: children - full * fanOut, first: full * fanOut, leavesPerRef });
    children = full;
    leavesPerRef *= fanOut;
  }
  return { size, pages, levels };
}

/** Number of perfect subtrees that `count` equal subtrees, side by side from an aligned start, make up. */
export function peakCount(count: number): number {
  let ones = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
