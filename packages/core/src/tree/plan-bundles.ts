// Which bundles of a node are read, and which of its pages by themselves.

import { type Bundle, isBundleOnly } from "../log/bundle.ts";
import type { PlannedBundle, PlannedRead } from "./planned-read.ts";
import { fetchBundle } from "./read-bundle.ts";
import type { TreeView } from "./tree-view.ts";

/**
 * What to read of the pages from `page` up to `until`, or up to the last bundle, all in one node.
 *
 * A request costs as much as some bytes do (see `requestBytes` of the storage's capabilities). So a bundle is read if the pages that
 * are wanted of it would cost more one by one, or if one of them is stored in it alone.
 *
 * @returns the next page that is wanted
 */
export async function* planBundles(
  view: TreeView,
  bundles: readonly Bundle[],
  { page: first, until }: { readonly page: number; readonly until: number },
  wantedFrom: (page: number) => number,
  signal: AbortSignal,
): AsyncGenerator<PlannedRead, number, undefined> {
  let page = first;
  for (const bundle of bundles) {
    const after = bundle.first + bundle.lengths.length;
    for (; page < Math.min(until, bundle.first); page = wantedFrom(page + 1)) yield { page };
    const wanted: number[] = [];
    for (; page < Math.min(until, after); page = wantedFrom(page + 1)) wanted.push(page);
    if (await costsLess(view, bundle, wanted, signal)) yield plannedOf(view, bundle, wanted);
    else for (const one of wanted) yield { page: one };
  }
  return page;
}

function plannedOf(view: TreeView, bundle: Bundle, wanted: readonly number[]): PlannedBundle {
  const { first, lengths } = bundle;
  const entries = lengths.length * view.leafSize;
  return {
    // Up to 32 KiB and 1,024 entries it takes no more room than a page.
    weight: Math.max(1, bytesOf(bundle) / 32_768, entries / 1024),
    read: async (signal) => {
      const decode = await fetchBundle(view, bundle, signal);
      return () => {
        const pages = decode();
        return wanted.map((page) => [page, pages[page - first]!]);
      };
    },
  };
}

function bytesOf({ lengths }: Bundle): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

async function costsLess(
  view: TreeView,
  bundle: Bundle,
  wanted: readonly number[],
  signal: AbortSignal,
): Promise<boolean> {
  let alone = 0;
  for (const page of wanted) {
    if (isBundleOnly(await view.ref(0, page, signal), bundle)) return true;
    alone += view.requestBytes + bundle.lengths[page - bundle.first]!;
  }
  return view.requestBytes + bytesOf(bundle) <= alone;
}
