// Comparing the entries of two verified states; docs/protocol.md, "States over time".

import { hedge } from "../async/hedge.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import type { ForkEvidence } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { Relation } from "./relation.ts";
import type { TreeView } from "./tree-view.ts";

/** Options of {@link compareHeads}. */
export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Further places from which the larger state can be read; each is asked if those before it have failed, or are silent.
   * The larger state may have been shown by a remote that withholds the nodes, while another one has them.
   */
  readonly elsewhere?: ((larger: TreeView) => readonly TreeView[]) | undefined;
}

/**
 * Decides whether an offered state extends the one that was verified before: whether the first entries of the
 * larger tree have the root of the smaller one (the statement of a consistency proof, RFC 9162 §2.1.4). The
 * hashes for it come from index nodes that are verified against the larger signed root.
 */
export async function compareHeads(
  verified: TreeView,
  offered: TreeView,
  { signal, elsewhere }: CompareOptions = {},
): Promise<Relation> {
  try {
    if (offered.size === verified.size) {
      if (sameState(offered.head, verified.head)) return { kind: "same" };
      return { kind: "forked", evidence: await evidenceOf(verified, offered, signal) };
    }
    const [smaller, larger] = offered.size < verified.size ? [offered, verified] : [verified, offered];
    const asks = [larger, ...(elsewhere?.(larger) ?? [])].map(
      (view) => (own: AbortSignal) => contradiction(smaller, view, own),
    );
    const { value: evidence } = await hedge(asks, {
      patienceMilliseconds: larger.limits.patienceMilliseconds,
      signal,
      // Whoever shows the larger state has to prove it. That another place lacks what was not copied there yet says nothing.
      choose: ([first]) => first,
    });
    if (evidence !== undefined) return { kind: "forked", evidence };
    return { kind: larger === offered ? "extends" : "older" };
  } catch (cause) {
    throwIfAborted(signal);
    // A storage that withholds or has lost nodes proves nothing: neither that a state is older, nor that it is not.
    return { kind: "unverified", cause };
  }
}

/** Whether two heads are of one state: the same size and root, whatever addresses they lead to. */
export function sameState({ checkpoint: a }: VerifiedHead, { checkpoint: b }: VerifiedHead): boolean {
  return a.size === b.size && bytesEqual(a.root, b.root);
}

/** The proof that a larger tree does not begin with a smaller one; `undefined` if it does. */
async function contradiction(
  smaller: TreeView,
  larger: TreeView,
  signal: AbortSignal,
): Promise<ForkEvidence | undefined> {
  const prefix = await larger.prefix(smaller.size, signal);
  if (bytesEqual(prefix.root(), smaller.head.checkpoint.root)) return undefined;
  return evidenceOf(smaller, larger, signal);
}

async function evidenceOf(
  smaller: TreeView,
  larger: TreeView,
  signal: AbortSignal | undefined,
): Promise<ForkEvidence> {
  const { proveFork } = await import("./fork-evidence.ts");
  const of = ({ head, size }: TreeView): { note: string; size: number } => ({ note: head.note, size });
  const { genesis } = smaller.head;
  return proveFork(
    { genesis, smaller: of(smaller), larger: of(larger) },
    { subtree: (start, leaves) => larger.subtree(start, leaves, signal) },
  );
}
