// Comparing the entries of two verified states; docs/protocol.md, "States over time".

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import type { ForkEvidence } from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import { type CompareOptions, contradiction } from "./contradiction.ts";
import type { KeyChange } from "./key-change.ts";
import type { Relation } from "./relation.ts";
import type { TreeView } from "./tree-view.ts";

/**
 * Decides whether an offered state extends the one that was verified before: whether the first entries of the
 * larger tree have the root of the smaller one (the statement of a consistency proof, RFC 9162 §2.1.4). The
 * hashes for it come from index nodes that are verified against the larger signed root.
 *
 * If their signing keys differ, the later one decides: what a former key signed, and its owner did not, is superseded.
 */
export async function compareHeads(
  verified: TreeView,
  offered: TreeView,
  { signal, elsewhere }: CompareOptions = {},
): Promise<Relation> {
  try {
    const change = await keyChange(verified.head, offered.head);
    if (change !== undefined) {
      const { compareOwners } = await import("./compare-owners.ts");
      return await compareOwners(change, { verified, offered, signal, elsewhere });
    }
    if (offered.size === verified.size) {
      if (sameState(offered.head, verified.head)) return { kind: "same" };
      return { kind: "forked", evidence: await evidenceOf(verified, offered, signal) };
    }
    const [smaller, larger] = offered.size < verified.size ? [offered, verified] : [verified, offered];
    const prove = (view: TreeView, own: AbortSignal): Promise<ForkEvidence> => evidenceOf(smaller, view, own);
    const evidence = await contradiction({ smaller, larger, prove, signal, elsewhere });
    if (evidence !== undefined) return { kind: "forked", evidence };
    return { kind: larger === offered ? "extends" : "older" };
  } catch (cause) {
    throwIfAborted(signal);
    // A storage that withholds or has lost nodes proves nothing: neither that a state is older, nor that it is not.
    return { kind: "unverified", cause };
  }
}

// Hardly any log has ever changed its key: what compares keys is loaded for those that have.
async function keyChange(verified: VerifiedHead, offered: VerifiedHead): Promise<KeyChange | undefined> {
  if (generationOf(verified) === 0 && generationOf(offered) === 0) return undefined;
  const { keyChangeBetween } = await import("./key-change.ts");
  return keyChangeBetween(verified.manifest?.successions ?? [], offered.manifest?.successions ?? []);
}

/** Whether two heads are of one state: the same size and root, whatever addresses they lead to. */
export function sameState({ checkpoint: a }: VerifiedHead, { checkpoint: b }: VerifiedHead): boolean {
  return a.size === b.size && bytesEqual(a.root, b.root);
}

async function evidenceOf(
  smaller: TreeView,
  larger: TreeView,
  signal: AbortSignal | undefined,
): Promise<ForkEvidence> {
  const { proveFork } = await import("./fork-evidence.ts");
  const of = ({ head, size }: TreeView): { note: string; size: number } => ({ note: head.note, size });
  const { genesis, manifest } = smaller.head;
  const successions = manifest?.successions ?? [];
  return proveFork(
    { genesis, successions, smaller: of(smaller), larger: of(larger) },
    { subtree: (start, leaves) => larger.subtree(start, leaves, signal) },
  );
}
