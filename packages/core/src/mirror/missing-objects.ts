// The pages and index nodes that a target lacks, in the order in which it must get them.

import type { Address } from "../address/address.ts";
import { readIndexNode } from "../log/index-node.ts";
import type { Ref } from "../log/page.ts";
import { LARGEST_NODE } from "../tree/reader-limits.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { KnownTree } from "./known-tree.ts";

/** A part of a log, in the order in which a target must get it. */
export type MissingObject =
  | { readonly kind: "page"; readonly ref: Ref }
  /** An index node, verified; all that lies below it came before it. */
  | { readonly kind: "node"; readonly address: Address; readonly bytes: Uint8Array }
  /** Entries that are in the target already. */
  | { readonly kind: "known"; readonly entries: number };

/**
 * The pages and index nodes below a head that a target lacks, oldest first, each node after everything below
 * it. Holds one node of each level at a time.
 */
export async function* missingObjects(
  view: TreeView,
  known: KnownTree,
  signal: AbortSignal,
): AsyncGenerator<MissingObject, void, undefined> {
  const { levels, shape, genesis } = view.head;
  const { fanOut } = genesis.genesis;

  async function* below(
    level: number,
    first: number,
    refs: readonly Ref[],
  ): AsyncGenerator<MissingObject, void, undefined> {
    for (const [i, ref] of refs.entries()) {
      if (await known.hasChild(level, first + i, ref.address, signal)) {
        yield { kind: "known", entries: shape.levels[level]!.leavesPerRef };
      } else if (level === 0) {
        yield { kind: "page", ref };
      } else {
        const bytes = await view.object(ref.address, LARGEST_NODE, signal);
        yield* below(level - 1, (first + i) * fanOut, readIndexNode(bytes, fanOut, [ref.hash]));
        yield { kind: "node", address: ref.address, bytes };
      }
    }
  }

  for (let level = levels.length - 1; level >= 0; level--) {
    const { node, refs } = levels[level]!;
    const { first, leavesPerRef } = shape.levels[level]!;
    if (node !== undefined && known.hasEdge(level, node.address)) {
      yield { kind: "known", entries: node.refs * leavesPerRef };
    } else if (node !== undefined) {
      const bytes = await view.object(node.address, LARGEST_NODE, signal);
      yield* below(level, first, readIndexNode(bytes, node.refs, node.peaks));
      yield { kind: "node", address: node.address, bytes };
    }
    yield* below(level, first + (node?.refs ?? 0), refs);
  }
}
