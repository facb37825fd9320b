// What is stored on a remote and not needed any more once the index has grown.

import type { OldObjects } from "../journal/old-objects.ts";
import type { Cuts } from "../log/tree-shape.ts";
import type { GrowingLevel } from "./index-levels.ts";
import type { LeftPage } from "./page-runs.ts";

/** How the right edge of an index grew. */
export interface Growth {
  readonly former: readonly GrowingLevel[];
  readonly levels: readonly GrowingLevel[];
  /** Pages that are left to their bundles. */
  readonly left: readonly LeftPage[];
}

/** Pages that are left to their bundles, and nodes that larger ones replaced. */
export function replacedObjects({ leafSize, fanOut }: Cuts, { former, levels, left }: Growth): OldObjects {
  const tree = left.map(({ address }) => address);
  // An entry that has the bytes of one of them as its content comes after all entries below it.
  const ends = left.map(({ page }) => (page + 1) * leafSize);
  for (const [level, { first, node }] of former.entries()) {
    if (node === undefined || levels[level]?.node?.address.equals(node.address) === true) continue;
    tree.push(node.address);
    ends.push((first + node.refs) * leafSize * fanOut ** level);
  }
  const replacements = [...new Map(left.map(({ bundle }) => [`${bundle}`, bundle])).values()];
  return {
    tree,
    contents: [],
    since: Math.min(...ends),
    ...(replacements.length > 0 && { replacements }),
  };
}
