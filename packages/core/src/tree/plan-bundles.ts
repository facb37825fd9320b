// Which bundles of a node are read, and which of its pages by themselves, or as parts of bundles.

import { lastOf } from "../bytes.ts";
import { type Bundle, isBundleOnly } from "../log/bundle.ts";
import type { PlannedBundle, PlannedRead } from "./planned-read.ts";
import { bytesOf, fetchBundle, type PageRun, readRun } from "./read-bundle.ts";
import type { TreeView } from "./tree-view.ts";

/**
 * What to read of the pages from `page` up to `until`, or up to the last bundle, all in one node.
 *
 * A request costs as much as some bytes do (see `requestBytes` of the storage's capabilities). So a bundle is read if the pages that
 * are wanted of it would cost more by themselves: as ranges of the bundle, if the storage reads ranges, or else one by one. If one
 * of these is stored in the bundle alone, and the storage reads no ranges, the bundle is read in any case.
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
    yield* planBundle(view, bundle, wanted, signal);
  }
  return page;
}

async function* planBundle(
  view: TreeView,
  bundle: Bundle,
  wanted: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<PlannedRead, void, undefined> {
  const whole = { from: bundle.first, to: bundle.first + bundle.lengths.length };
  const runs = view.readsRanges ? runsOf(wanted) : wanted.map((page) => ({ from: page, to: page + 1 }));
  const isAlone = async (page: number) => isBundleOnly(await view.ref(0, page, signal), bundle);
  const costOf = (run: PageRun): number => view.requestBytes + bytesOf(bundle, run);
  const apart = runs.reduce((sum, run) => sum + costOf(run), 0);
  const alone = await Promise.all(wanted.map(isAlone));
  if (costOf(whole) <= apart || (!view.readsRanges && alone.includes(true))) {
    const read: PlannedBundle["read"] = async (inner) => {
      const decode = await fetchBundle(view, bundle, inner);
      return () => {
        const pages = decode();
        return wanted.map((page) => [page, pages[page - bundle.first]!]);
      };
    };
    yield { weight: weightOf(view, bundle, whole), bundle, pages: wanted, read };
    return;
  }
  for (const run of runs) {
    const { from, to } = run;
    if (to - from === 1 && !alone[wanted.indexOf(from)]) yield { page: from };
    else {
      const read: PlannedBundle["read"] = async (inner) => {
        const pages = await readRun(view, bundle, run, inner);
        return () => pages.map((page, i) => [from + i, page]);
      };
      const pages = wanted.slice(wanted.indexOf(from)).slice(0, to - from);
      yield { weight: weightOf(view, bundle, run), bundle, pages, read };
    }
  }
}

/** Pages in ascending order, as stretches without a gap. */
function runsOf(pages: readonly number[]): PageRun[] {
  const runs: PageRun[] = [];
  for (const page of pages) {
    const last = lastOf(runs);
    if (last?.to === page) runs[runs.length - 1] = { from: last.from, to: page + 1 };
    else runs.push({ from: page, to: page + 1 });
  }
  return runs;
}

// Up to 32 KiB and 1,024 entries it takes no more room than a page.
function weightOf(view: TreeView, bundle: Bundle, run: PageRun): number {
  const entries = (run.to - run.from) * view.leafSize;
  return Math.max(1, bytesOf(bundle, run) / 32_768, entries / 1024);
}
