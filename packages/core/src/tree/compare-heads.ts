// How two verified states of one log relate; docs/protocol.md, "States over time".

import { bytesEqual } from "../bytes.ts";
import { type ForkEvidence, isRemoteLogError } from "../errors/index.ts";
import { explicitConsistencyPath } from "../merkle/index.ts";
import type { TreeView } from "./tree-view.ts";

/** How an offered state relates to the newest one that was verified before. */
export type Relation =
  | { readonly kind: "same" }
  | { readonly kind: "extends" }
  | { readonly kind: "older" }
  | { readonly kind: "forked"; readonly evidence: ForkEvidence };

/**
 * Decides whether an offered state extends the one that was verified before: whether the first entries of the
 * larger tree have the root of the smaller one (the statement of a consistency proof, RFC 9162 §2.1.4). The
 * hashes for it come from index nodes that are verified against the larger signed root.
 */
export async function compareHeads(
  verified: TreeView,
  offered: TreeView,
  signal?: AbortSignal,
): Promise<Relation> {
  if (offered.size === verified.size) {
    if (bytesEqual(offered.head.checkpoint.root, verified.head.checkpoint.root)) return { kind: "same" };
    return { kind: "forked", evidence: evidenceOf(verified, offered, []) };
  }
  const [smaller, larger] = offered.size < verified.size ? [offered, verified] : [verified, offered];
  try {
    const prefix = await larger.prefix(smaller.size, signal);
    if (bytesEqual(prefix.root(), smaller.head.checkpoint.root)) {
      return { kind: larger === offered ? "extends" : "older" };
    }
    const source = { subtree: (start: number, leaves: number) => larger.subtree(start, leaves, signal) };
    const path = await explicitConsistencyPath(smaller.size, larger.size, source);
    return { kind: "forked", evidence: evidenceOf(smaller, larger, path) };
  } catch (error) {
    signal?.throwIfAborted();
    if (larger === offered || !isRemoteLogError(error)) throw error;
    // A storage that was rolled back as a whole has lost the nodes that would tell. What it offers is smaller in any
    // case, and is not delivered.
    return { kind: "older" };
  }
}

function evidenceOf(smaller: TreeView, larger: TreeView, path: readonly Uint8Array[]): ForkEvidence {
  return { genesis: smaller.head.genesis.bytes, smaller: smaller.head.note, larger: larger.head.note, path };
}
