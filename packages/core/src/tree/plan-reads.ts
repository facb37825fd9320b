// From which objects a stretch of a log is read: its pages, or the bundles that hold them, whatever costs less.

import type { FetchedPages, PlannedRead } from "./planned-read.ts";
import type { TreeView } from "./tree-view.ts";

/** Index nodes that are read before they are needed, at least and at most. A node may hold a few bundles alone. */
const NODES_AHEAD = { least: 2, most: 16 };

/**
 * What to read for the pages in [`first`, `end`), in order.
 *
 * @param wantedFrom - the first page from one on of which anything is wanted
 */
export async function* planReads(
  view: TreeView,
  { first, end }: { readonly first: number; readonly end: number },
  wantedFrom: (page: number) => number,
  signal: AbortSignal,
): AsyncGenerator<PlannedRead, void, undefined> {
  const { fanOut } = view.head.genesis.genesis;
  const nodesAhead = Math.max(
    NODES_AHEAD.least,
    Math.min(NODES_AHEAD.most, Math.ceil(view.limits.concurrency / 8)),
  );
  let page = wantedFrom(first);
  let prefetched = 0;
  while (page < end) {
    // The node that is needed first comes first.
    const needed = view.neighbours(page, signal);
    const node = Math.floor(page / fanOut);
    prefetched = Math.max(prefetched, node + 1);
    for (; prefetched <= node + nodesAhead && prefetched * fanOut < end; prefetched++)
      view.prefetchRef(prefetched * fanOut);
    const { end: endOfNode, bundles } = await needed;
    const until = Math.min(end, endOfNode);
    if (bundles.length > 0) {
      const { planBundles } = await import("./plan-bundles.ts");
      page = yield* planBundles(view, bundles, { page, until }, wantedFrom, signal);
    }
    for (; page < until; page = wantedFrom(page + 1)) yield { page };
  }
}

/**
 * Reads what was planned: the pages that are wanted, in order. Those that can't be had are read in their other form, if they have
 * one.
 *
 * @returns decodes and verifies them; what fails that is read in the other form, too
 */
export async function readPlanned(
  view: TreeView,
  planned: PlannedRead,
  signal: AbortSignal,
): Promise<() => ReturnType<FetchedPages> | Promise<ReturnType<FetchedPages>>> {
  const inOtherForm = async (failure: unknown): Promise<FetchedPages> => {
    const { readOtherForm } = await import("./other-form.ts");
    return readOtherForm(view, planned, failure, signal);
  };
  try {
    const decode = await fetchPlanned(view, planned, signal);
    return () => {
      try {
        return decode();
      } catch (failure) {
        return inOtherForm(failure).then((other) => other());
      }
    };
  } catch (failure) {
    return inOtherForm(failure);
  }
}

async function fetchPlanned(
  view: TreeView,
  planned: PlannedRead,
  signal: AbortSignal,
): Promise<FetchedPages> {
  if (!("page" in planned)) return planned.read(signal);
  const { page } = planned;
  const decode = await view.fetchPage(page, signal);
  return () => [[page, decode()]];
}
