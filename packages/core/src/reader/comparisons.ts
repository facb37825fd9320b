// Comparing what remotes show at one sync: each pair once, with proofs from whichever remote has them.

import type { ForkEvidence } from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { Remote } from "../remote/remote.ts";
import { compareHeads, sameState } from "../tree/compare-heads.ts";
import type { Relation } from "../tree/relation.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { Offer } from "./ask-remotes.ts";

/** How two states of one history relate, or that nobody shows it. */
export type Kinship = Exclude<Relation, { readonly kind: "forked" }>;

/** How two states of one history relate that is not superseded, or that nobody shows it. */
export type Placed = Exclude<Kinship, { readonly kind: "superseded" }>;

/** What {@link Comparisons} needs. */
export interface ComparisonOptions {
  /** What remotes show. */
  readonly offers: readonly Offer[];
  readonly remotes: readonly Remote[];
  readonly viewOf: (head: VerifiedHead, remote: Remote) => TreeView;
  /** Called with proof that two states are a fork, and the remote that showed one of them. Has to throw. */
  readonly onFork: (remote: Remote | undefined, evidence: ForkEvidence) => Promise<never>;
  readonly signal: AbortSignal;
}

/** The comparisons of one sync. Each rejects if two states are a fork. */
export class Comparisons {
  readonly #options: ComparisonOptions;
  readonly #done = new Map<string, Promise<Kinship>>();

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  /** Compares an offered state with a verified one. */
  compare(verified: TreeView, offered: TreeView): Promise<Kinship> {
    const key = `${nameOf(verified)} ${nameOf(offered)}`;
    const done = this.#done.get(key) ?? this.#compare(verified, offered);
    this.#done.set(key, done);
    return done;
  }

  /** The same, of states neither of which is known to be superseded: if one is, it can't be placed. */
  async place(verified: TreeView, offered: TreeView): Promise<Placed> {
    const relation = await this.compare(verified, offered);
    return relation.kind === "superseded" ? { kind: "unverified", cause: relation.evidence } : relation;
  }

  /** Finds states of one size that differ: it takes no request. */
  async compareEqualSizes(views: readonly TreeView[]): Promise<void> {
    const bySize = new Map<number, TreeView>();
    for (const view of views) {
      const other = bySize.get(view.size);
      if (other === undefined) bySize.set(view.size, view);
      else if (!sameState(other.head, view.head)) await this.compare(other, view);
    }
  }

  /**
   * Compares states that could not be placed with all the others: two that contradict each other are a fork, even if neither
   * can be compared with what was verified.
   */
  async compareUnplaced(unplaced: readonly TreeView[], others: readonly TreeView[]): Promise<void> {
    for (const one of unplaced) {
      for (const other of others) {
        const [smaller, larger] = one.size < other.size ? [one, other] : [other, one];
        if (smaller.size === larger.size || this.#done.has(`${nameOf(larger)} ${nameOf(smaller)}`)) continue;
        await this.compare(smaller, larger);
      }
    }
  }

  async #compare(verified: TreeView, offered: TreeView): Promise<Kinship> {
    const { offers, onFork, signal } = this.#options;
    const relation = await compareHeads(verified, offered, {
      signal,
      elsewhere: (larger) => this.#elsewhere(larger),
    });
    if (relation.kind !== "forked") return relation;
    const shown = offers.find(({ view }) => view === offered) ?? offers.find(({ view }) => view === verified);
    return onFork(shown?.remote, relation.evidence);
  }

  // First those that show the same state: the addresses in a head are not signed, so theirs may lead further. Then all others,
  // which may have its nodes, too.
  #elsewhere(larger: TreeView): TreeView[] {
    const { offers, remotes, viewOf } = this.#options;
    const same = offers.filter(({ view }) => sameState(view.head, larger.head));
    const showing = new Set(same.map(({ remote }) => remote));
    const others = remotes
      .filter((remote) => !showing.has(remote))
      .map((remote) => viewOf(larger.head, remote));
    return [...same.map(({ view }) => view).filter((view) => view !== larger), ...others];
  }
}

function nameOf({ head }: TreeView): string {
  const { size, root } = head.checkpoint;
  return `${size}:${root.join()}:${generationOf(head)}`;
}
