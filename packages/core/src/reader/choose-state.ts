// Which of the offered states is read: the rule; docs/protocol.md, "States over time".

import { hasCode } from "../errors/index.ts";
import { sameState } from "../tree/compare-heads.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { Placed } from "./comparisons.ts";

/** What was found about one offer. */
export type Verdict =
  /** It is the chosen state. */
  | { readonly status: "newest" }
  /** It is smaller, and proven to be the beginning of the chosen state. */
  | { readonly status: "behind" }
  /** Its head is signed, and nobody showed how it relates to the chosen state. */
  | { readonly status: "unverified"; readonly error: unknown }
  /** It can't be used. */
  | { readonly status: "failed"; readonly error: unknown };

/** A state that was chosen. */
export interface Choice<O extends { readonly view: TreeView }> {
  /** The state to read from; `undefined` if there is none. */
  readonly top: TreeView | undefined;
  /** What was found about each offer. */
  readonly verdicts: ReadonlyMap<O, Verdict>;
}

/** What {@link chooseState} needs. */
export interface ChoiceOptions<O extends { readonly view: TreeView }> {
  /** What the reader keeps, largest first: each is the beginning of the one before it. */
  readonly kept: readonly TreeView[];
  /** That of them from which something was delivered: it gives way to nothing. */
  readonly delivered: TreeView | undefined;
  /** What remotes show, largest first. */
  readonly offers: readonly O[];
  /** Compares two states, neither of which is superseded. Throws if they are a fork. */
  readonly compare: (verified: TreeView, offered: TreeView) => Promise<Placed>;
  /** Checks the first state of a reader that keeps none. Throws if it must not be used. */
  readonly admit: (view: TreeView) => Promise<void>;
  /** Whether larger states may give way to this offer. */
  readonly mayPrevail: (offer: O) => boolean;
}

/**
 * Chooses the largest state that extends what the reader has delivered, and that is proven to begin with every smaller state
 * that is offered. A larger one that can't show the beginning of a smaller one gives way to it: otherwise a remote that shows
 * a true head and withholds the rest would keep readers from the others.
 */
export async function chooseState<O extends { readonly view: TreeView }>(
  options: ChoiceOptions<O>,
): Promise<Choice<O>> {
  const { kept, delivered, offers, admit } = options;
  const verdicts = new Map<O, Verdict>();
  // All that is proven to be one history, largest first.
  let chain: readonly TreeView[] = kept;
  let gaveWay: unknown;
  for (const offer of offers) {
    const { view } = offer;
    if (chain.some(({ head }) => sameState(head, view.head))) continue;
    try {
      const related = chain.length === 0 ? undefined : await relate(chain, view, options);
      if (related === undefined) {
        await admit(view);
        chain = [view];
      } else if (related.kind !== "unverified") {
        chain = [view, ...chain].sort((a, b) => b.size - a.size);
      } else if (await prevails(chain, offer, options)) {
        chain = delivered === undefined ? [view] : [view, delivered];
        gaveWay = related.cause;
      } else {
        verdicts.set(offer, { status: "unverified", error: related.cause });
      }
    } catch (error) {
      if (hasCode(error, "ERR_FORK")) throw error;
      verdicts.set(offer, { status: "failed", error });
    }
  }
  for (const offer of offers) {
    if (verdicts.has(offer)) continue;
    const { head } = offer.view;
    if (chain[0] !== undefined && sameState(chain[0].head, head)) verdicts.set(offer, { status: "newest" });
    else if (chain.some((one) => sameState(one.head, head))) verdicts.set(offer, { status: "behind" });
    else verdicts.set(offer, { status: "unverified", error: gaveWay });
  }
  return { top: chain[0], verdicts };
}

// To be the beginning of any state of the chain is to be the beginning of the first.
async function relate<O extends { readonly view: TreeView }>(
  chain: readonly TreeView[],
  view: TreeView,
  { compare }: ChoiceOptions<O>,
): Promise<Placed> {
  const larger = chain.filter(({ size }) => size > view.size);
  let failure: Placed | undefined;
  for (const one of larger.length > 0 ? larger : chain.slice(0, 1)) {
    const relation = await compare(one, view);
    if (relation.kind !== "unverified") return relation;
    failure ??= relation;
  }
  return failure!;
}

// Whether an offer takes the place of larger states that can't show it.
async function prevails<O extends { readonly view: TreeView }>(
  chain: readonly TreeView[],
  offer: O,
  { delivered, compare, admit, mayPrevail }: ChoiceOptions<O>,
): Promise<boolean> {
  const { view } = offer;
  if (view.size > chain[0]!.size || !mayPrevail(offer)) return false;
  if (delivered !== undefined) {
    return view.size > delivered.size && (await compare(delivered, view)).kind === "extends";
  }
  await admit(view);
  return true;
}
