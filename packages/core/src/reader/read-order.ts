// What a sync found, and from which remote it is read first.

import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { Remote } from "../remote/remote.ts";
import { sameState } from "../tree/compare-heads.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { Offer } from "./ask-remotes.ts";

/** What a sync found. */
export interface Found {
  /** The state that was chosen. */
  readonly top: TreeView | undefined;
  /** What was delivered when it was chosen. */
  readonly delivered: VerifiedHead | undefined;
  /** A remote that shows it. */
  readonly shown: Offer | undefined;
  /** The largest state that nobody could place. */
  readonly unverified: Offer | undefined;
}

/**
 * The views of the newest state, in the order in which they are read: the one that was read before stays the first, with the nodes
 * that it holds, if its remote still shows the state.
 *
 * @param newest - what shows it
 * @param before - the view that was read before
 * @param label - the remote that it was read from
 */
export function readOrder(
  newest: readonly Offer[],
  before: TreeView | undefined,
  label: string | undefined,
): TreeView[] {
  const views = newest.map(({ view }) => view).filter((view) => view !== before);
  if (before === undefined) return views;
  return newest.some(({ remote }) => remote.label === label) ? [before, ...views] : [...views, before];
}

/** The remote that a state was read from, or else any. */
export function remoteOf({ label }: { readonly label: string }, remotes: readonly Remote[]): Remote {
  return remotes.find((remote) => remote.label === label) ?? remotes[0]!;
}

/** Whether what is shown is news: another state, or the same one by the word of a later key. */
export function isNews(before: VerifiedHead, shown: VerifiedHead): boolean {
  return !sameState(before, shown) || generationOf(shown) > generationOf(before);
}
