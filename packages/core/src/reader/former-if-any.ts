// What former keys signed, for readers of logs that may never have had one: what compares keys is loaded when one shows.

import type { ForkEvidence, SupersededError } from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { Offer } from "./ask-remotes.ts";
import type { Verdict } from "./choose-state.ts";
import type { Comparisons } from "./comparisons.ts";
import type { ReaderMemory } from "./reader-memory.ts";

/** What may be signed with a former key. */
interface States {
  readonly offers: readonly Offer[];
  /** What the reader keeps: the newest verified state, the one that something was delivered from, and one that was seen. */
  readonly kept: readonly (VerifiedHead | undefined)[];
  readonly delivered: VerifiedHead | undefined;
  readonly manifest: VerifiedManifest | undefined;
  readonly viewOf: (head: VerifiedHead) => TreeView;
  readonly comparisons: Comparisons;
  readonly signal: AbortSignal;
}

/** What was found not to be part of the log. */
interface LeftOut {
  readonly verdicts: ReadonlyMap<Offer, Verdict>;
  readonly kept: ReadonlySet<VerifiedHead>;
}

/** What former keys of the log signed, if it ever had one. */
export class FormerIfAny {
  readonly #memory: ReaderMemory;
  readonly #logId: string;
  #takenBack: SupersededError | undefined;

  constructor(memory: ReaderMemory, logId: string) {
    this.#memory = memory;
    this.#logId = logId;
  }

  /** The error for streams that delivered what is not part of the log; another one each time that something was taken back. */
  get takenBack(): SupersededError | undefined {
    return this.#takenBack;
  }

  /** Proofs that former keys of the log signed what is not part of it. */
  get evidence(): readonly ForkEvidence[] {
    return this.#memory.latest.former.map(({ evidence }) => evidence);
  }

  /** Leaves out what a former key signed, and the owner of the log did not. */
  async leaveOut({
    offers,
    kept: states,
    delivered,
    manifest,
    viewOf,
    comparisons,
    signal,
  }: States): Promise<LeftOut> {
    const heads = new Set<VerifiedHead>();
    for (const head of states) if (head !== undefined) heads.add(head);
    // What another reader of the store has seen counts, too.
    const saved = this.#memory.latest.states?.newest.head;
    const known = saved === undefined || heads.has(saved) ? [] : [saved];
    const all = [...heads, ...known, ...offers.map(({ view }) => view.head)];
    const { successions = [] } = manifest ?? {};
    if (successions.length === 0 && all.every((head) => generationOf(head) === 0)) return nothing;
    const { findSuperseded, tookOver } = await import("./former-keys.ts");
    const kept = [...heads].map(viewOf);
    const found = await findSuperseded({
      ...{ offers, kept, others: known.map(viewOf), successions, signal },
      delivered: kept.find(({ head }) => head === delivered),
      compare: (verified, offered) => comparisons.compare(verified, offered),
    });
    if (found.proofs.length > 0) await this.#memory.saveFormer(found.proofs);
    const taken = found.proofs.find(({ from }) => from !== undefined);
    if (taken !== undefined) this.#takenBack = tookOver(this.#logId, taken.from!, taken.evidence);
    const verdicts = [...found.offers].map(([offer, error]): [Offer, Verdict] => [
      offer,
      { status: "failed", error },
    ]);
    return { verdicts: new Map(verdicts), kept: found.kept };
  }
}

const nothing: LeftOut = { verdicts: new Map(), kept: new Set() };
