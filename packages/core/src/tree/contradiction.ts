// Whether a larger tree begins with a smaller one, by the nodes that somebody shows; docs/protocol.md, "States over time".

import { hedge } from "../async/hedge.ts";
import { bytesEqual } from "../bytes.ts";
import type { ForkEvidence } from "../errors/index.ts";
import type { TreeView } from "./tree-view.ts";

/** How two states are compared. */
export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Further places from which the larger state can be read; each is asked if those before it have failed, or are silent.
   * The larger state may have been shown by a remote that withholds the nodes, while another one has them.
   */
  readonly elsewhere?: ((larger: TreeView) => readonly TreeView[]) | undefined;
}

/** What {@link contradiction} compares. */
interface TwoSizes extends CompareOptions {
  readonly smaller: TreeView;
  readonly larger: TreeView;
  /** Makes the proof that a larger tree does not begin with the smaller one. */
  readonly prove: (larger: TreeView, signal: AbortSignal) => Promise<ForkEvidence>;
}

/**
 * The proof that a larger tree does not begin with a smaller one; `undefined` if it does.
 *
 * @throws the failure of whoever shows the larger state, if nobody shows what decides it
 */
export async function contradiction(two: TwoSizes): Promise<ForkEvidence | undefined> {
  const { smaller, larger, prove, signal, elsewhere } = two;
  const asks = [larger, ...(elsewhere?.(larger) ?? [])].map((view) => async (own: AbortSignal) => {
    const prefix = await view.prefix(smaller.size, own);
    return bytesEqual(prefix.root(), smaller.head.checkpoint.root) ? undefined : prove(view, own);
  });
  const { value: evidence } = await hedge(asks, {
    patienceMilliseconds: larger.limits.patienceMilliseconds,
    signal,
    // Whoever shows the larger state has to prove it. That another place lacks what was not copied there yet says nothing.
    choose: ([first]) => first,
  });
  return evidence;
}
