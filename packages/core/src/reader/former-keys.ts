// What former keys of a log signed that is not part of it; docs/protocol.md, "Key rotation". Only readers of logs whose key has
// changed load this.

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { type ForkEvidence, SupersededError } from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import { type SignedSuccession, successionOrigin } from "../log/succession.ts";
import { proveBeyond } from "../tree/compare-owners.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { Offer } from "./ask-remotes.ts";
import type { Kinship } from "./comparisons.ts";

/** The proof that a former key signed what is not part of the log. */
export interface FormerProof {
  /** How often the key had changed before: which key it was. */
  readonly generation: number;
  /** From which entry on what was delivered of it may be other than what the log has; absent if nothing was. */
  readonly from?: number | undefined;
  readonly evidence: ForkEvidence;
}

/** What is not part of the log. */
export interface Superseded {
  readonly offers: ReadonlyMap<Offer, SupersededError>;
  /** Of the states that the reader keeps. */
  readonly kept: ReadonlySet<VerifiedHead>;
  readonly proofs: readonly FormerProof[];
}

/** What {@link findSuperseded} looks at. */
export interface SupersededOptions {
  readonly offers: readonly Offer[];
  /** The states that the reader keeps. */
  readonly kept: readonly TreeView[];
  /** States that other readers of the store keep. */
  readonly others: readonly TreeView[];
  /** That of those kept here from which something was delivered. */
  readonly delivered: TreeView | undefined;
  /** The successions of the newest manifest that was verified. */
  readonly successions: readonly SignedSuccession[];
  readonly compare: (verified: TreeView, offered: TreeView) => Promise<Kinship>;
  readonly signal: AbortSignal;
}

/** Finds what former keys signed and the owner of the log did not, among what is offered and what is kept. */
export async function findSuperseded(options: SupersededOptions): Promise<Superseded> {
  const { offers, kept, others, delivered, compare, signal } = options;
  const views = [...offers.map(({ view }) => view), ...kept, ...others];
  const owner = [...views].sort((a, b) => generationOf(b.head) - generationOf(a.head) || b.size - a.size)[0]!;
  const named = owner.head.manifest?.successions ?? [];
  const successions = options.successions.length > named.length ? options.successions : named;
  const proofOf = async (view: TreeView): Promise<ForkEvidence | undefined> => {
    const generation = generationOf(view.head);
    const end = successions[generation];
    if (end === undefined) return undefined;
    const beyond = await proveBeyond(view.head, successions.slice(0, generation), end);
    if (beyond !== undefined) return beyond;
    const relation = await compare(owner, view);
    return relation.kind === "superseded" && relation.former === "offered" ? relation.evidence : undefined;
  };
  const found: { offers: Map<Offer, SupersededError>; kept: Set<VerifiedHead>; proofs: FormerProof[] } = {
    offers: new Map(),
    kept: new Set(),
    proofs: [],
  };
  for (const offer of offers) {
    const evidence = await proofOf(offer.view);
    if (evidence === undefined) continue;
    found.offers.set(offer, superseded(offer, evidence));
    found.proofs.push({ generation: generationOf(offer.view.head), evidence });
  }
  for (const view of kept) {
    const evidence = await proofOf(view);
    if (evidence === undefined) continue;
    const generation = generationOf(view.head);
    found.kept.add(view.head);
    const from = view === delivered && (await commonSize(view, owner, successions[generation]!.size, signal));
    found.proofs.unshift({ generation, evidence, ...(from !== false && { from }) });
  }
  return found;
}

/** Whether a fork ends with a state of a later key: the owner of the log has said which of the two histories is the log. */
export function endsFork(fork: ForkEvidence, head: VerifiedHead): boolean {
  // If the recovery key named two successors, nobody can say which of them is the owner's.
  const isOfRecovery = fork.larger.startsWith(`${successionOrigin(head.genesis.logId)}\n`);
  return !isOfRecovery && generationOf(head) > (fork.successions?.length ?? 0);
}

// How much of a state is certainly what the log has.
async function commonSize(
  view: TreeView,
  owner: TreeView,
  most: number,
  signal: AbortSignal,
): Promise<number> {
  let common = 0;
  let least = Math.min(view.size, owner.size, most) + 1;
  try {
    while (least - common > 1) {
      const size = Math.floor((common + least) / 2);
      const [one, other] = await Promise.all([view.prefix(size, signal), owner.prefix(size, signal)]);
      if (bytesEqual(one.root(), other.root())) common = size;
      else least = size;
    }
  } catch {
    // Nobody shows the rest: it is delivered again.
    throwIfAborted(signal);
  }
  return common;
}

function superseded({ remote, view }: Offer, evidence: ForkEvidence): SupersededError {
  return new SupersededError(
    `${remote.label} shows ${view.size} entries of log ${view.head.genesis.logId} that are signed with a former key: the owner of ` +
      "the log has replaced it, and these are not part of the log. Nothing of it was used.",
    { operation: "reader.sync", evidence },
  );
}

/** The error for a stream that has delivered entries which are not part of the log. */
export function tookOver(logId: string, from: number, evidence: ForkEvidence): SupersededError {
  return new SupersededError(
    `The owner of log ${logId} has replaced its signing key. From entry ${from} on, what was delivered before may have been written ` +
      "by whoever had the former key, and is not part of the log. Read again from there.",
    { operation: "reader.read", evidence, from },
  );
}
