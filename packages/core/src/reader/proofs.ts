// Proofs for others, made from verified pages: RFC 9162 §2.1.3 and §2.1.4.

import { concatBytes } from "../bytes.ts";
import { consistencyPath, inclusionPath, type SubtreeSource } from "../merkle/index.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { askSources, type Sources } from "./read-sources.ts";

/** That an entry is in a log, provable offline: RFC 9162 §2.1.3 under a signed checkpoint. */
export interface InclusionStatement {
  /** Place of the entry in the log. */
  readonly sequence: number;
  /** The leaf data of the entry: localHash ‖ contentHash, 64 bytes. */
  readonly leaf: Uint8Array;
  /** The audit path, from the leaf upwards. */
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint under which it holds: a C2SP signed note. */
  readonly checkpoint: string;
}

/** That a log extends its own first entries: RFC 9162 §2.1.4. */
export interface ConsistencyStatement {
  /** Number of entries of the older state. */
  readonly first: number;
  /** Root of the older state, 32 bytes. */
  readonly firstRoot: Uint8Array;
  /** Number of entries of the newer state. */
  readonly second: number;
  /** The consistency path. */
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint of the newer state. */
  readonly checkpoint: string;
}

/** Makes an inclusion proof from verified pages and index nodes. */
export function proveInclusion(
  sources: Sources,
  sequence: number,
  signal: AbortSignal,
): Promise<InclusionStatement> {
  return askSources(sources, sequence + 1, signal, async (view) => {
    const path = await inclusionPath(sequence, view.size, subtreesOf(view, signal));
    const index = Math.floor(sequence / view.leafSize);
    const pairs = index < view.pages ? (await view.pageInEitherForm(index, signal)).pairs : view.head.pairs;
    const { localHash, contentHash } = pairs[sequence - index * view.leafSize]!;
    return { sequence, leaf: concatBytes([localHash, contentHash]), path, checkpoint: view.head.note };
  });
}

/** Makes a consistency proof from verified pages and index nodes. */
export function proveConsistency(
  sources: Sources,
  first: number,
  signal: AbortSignal,
): Promise<ConsistencyStatement> {
  return askSources(sources, first, signal, async (view) => {
    const path = await consistencyPath(first, view.size, subtreesOf(view, signal));
    const firstRoot = (await view.prefix(first, signal)).root();
    return { first, firstRoot, second: view.size, path, checkpoint: view.head.note };
  });
}

function subtreesOf(view: TreeView, signal: AbortSignal): SubtreeSource {
  return { subtree: (start, leaves) => view.subtree(start, leaves, signal) };
}
