// Comparing two states of a log whose signing key has changed between them; docs/protocol.md, "Key rotation".

import { bytesEqual } from "../bytes.ts";
import type { ForkEvidence } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { SignedSuccession } from "../log/succession.ts";
import { type CompareOptions, contradiction } from "./contradiction.ts";
import { proveFork } from "./fork-evidence.ts";
import { type KeyChange, proveTwoSuccessors } from "./key-change.ts";
import type { Relation } from "./relation.ts";
import type { TreeView } from "./tree-view.ts";

/** Two states. */
interface TwoStates extends CompareOptions {
  readonly verified: TreeView;
  readonly offered: TreeView;
}

/**
 * Decides how two states relate of which a former key signed one. What that key signed for the owner of the log is a beginning of
 * what the later key signed; whatever else it signed is not part of the log.
 */
export async function compareOwners(
  change: KeyChange,
  { verified, offered, signal, elsewhere }: TwoStates,
): Promise<Relation> {
  const { genesis } = verified.head;
  if (change.kind === "contradicted")
    return { kind: "forked", evidence: await proveTwoSuccessors(genesis, change) };
  const { former: which, before: successions, end } = change;
  const [former, owner] = which === "verified" ? [verified, offered] : [offered, verified];
  const { size, root } = former.head.checkpoint;
  const superseded = (evidence: ForkEvidence): Relation => ({ kind: "superseded", former: which, evidence });
  const prove = (view: TreeView, own?: AbortSignal): Promise<ForkEvidence> =>
    proveFork(
      { ...{ genesis, successions }, smaller: { note: former.head.note, size }, larger: end },
      { subtree: (start, leaves) => view.subtree(start, leaves, own) },
    );
  const beyond = await proveBeyond(former.head, successions, end);
  if (beyond !== undefined) return superseded(beyond);
  if (size === end.size) {
    if (!bytesEqual(root, end.root)) return superseded(await prove(owner));
    if (size === owner.size) return { kind: "same" };
  }
  const evidence = await contradiction({ smaller: former, larger: owner, prove, signal, elsewhere });
  if (evidence !== undefined) return superseded(evidence);
  return { kind: owner === offered ? "extends" : "older" };
}

/**
 * The proof that a former key signed more than its owner says it has: more entries, or more versions of the manifest. `undefined` if
 * it did not. It takes no read.
 *
 * @param successions - how the former key came to be the one that signs
 * @param end - the succession that ended it
 */
export async function proveBeyond(
  { genesis, note, checkpoint, manifest }: VerifiedHead,
  successions: readonly SignedSuccession[],
  end: SignedSuccession,
): Promise<ForkEvidence | undefined> {
  const prove = (
    signed: { readonly note: string; readonly size: number },
    size: number,
  ): Promise<ForkEvidence> =>
    proveFork({ genesis, successions, smaller: signed, larger: { note: end.note, size } });
  if (checkpoint.size > end.size) return prove({ note, size: checkpoint.size }, end.size);
  if (manifest === undefined || manifest.checkpoint.size <= end.versions) return undefined;
  return prove({ note: manifest.note, size: manifest.checkpoint.size }, end.versions);
}
