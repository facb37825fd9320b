// Pages that are stored by themselves and in a bundle: if one of the two can't be had, or is wrong, the other is read.

import { readAhead } from "../async/read-ahead.ts";
import { throwIfAborted } from "../async/signals.ts";
import { type Bundle, isBundleOnly, isInBundle } from "../log/bundle.ts";
import type { Page } from "../log/page.ts";
import type { FetchedPages, PlannedRead } from "./planned-read.ts";
import { type PartedTree, readBundle, readRun } from "./read-bundle.ts";

/** What both forms are read from. */
export interface TwoFormTree extends PartedTree {
  /** Whether parts of objects can be read. */
  readonly readsRanges: boolean;
  /** The pages whose refs are in the same node as that of a page, and which of them are stored together. */
  neighbours(page: number, signal?: AbortSignal): Promise<{ readonly bundles: readonly Bundle[] }>;
  /** Reads and verifies one page in the form that its ref tells. */
  page(index: number, signal?: AbortSignal): Promise<Page>;
}

/** What was planned, read in the other form. */
export async function readOtherForm(
  view: TwoFormTree,
  planned: PlannedRead,
  failure: unknown,
  signal: AbortSignal,
): Promise<FetchedPages> {
  if ("page" in planned) {
    const page = await pageInBundle(view, planned.page, failure, signal);
    return () => [[planned.page, page]];
  }
  const pages = await pagesAlone(view, planned, failure, signal);
  return () => pages;
}

/**
 * Reads a page from the bundle that it is in.
 *
 * @param failure - why it could not be read by itself: what is thrown if it is in no bundle, or that can't be used either
 */
export async function pageInBundle(
  view: TwoFormTree,
  index: number,
  failure: unknown,
  signal: AbortSignal,
): Promise<Page> {
  return orElse(failure, signal, async () => {
    const [ref, { bundles }] = await Promise.all([
      view.ref(0, index, signal),
      view.neighbours(index, signal),
    ]);
    const bundle = bundles.find((one) => isInBundle(index, one));
    if (bundle === undefined || isBundleOnly(ref, bundle)) throw failure;
    const run = { from: index, to: index + 1 };
    const pages = view.readsRanges
      ? await readRun(view, bundle, run, signal)
      : (await readBundle(view, bundle, signal)).slice(index - bundle.first);
    return pages[0]!;
  });
}

/**
 * Reads pages of a bundle by themselves.
 *
 * @param failure - why the bundle can't be used: what is thrown if some of them are in it alone, or can't be had
 */
async function pagesAlone(
  view: TwoFormTree,
  { bundle, pages: wanted }: { readonly bundle: Bundle; readonly pages: readonly number[] },
  failure: unknown,
  signal: AbortSignal,
): Promise<[number, Page][]> {
  return orElse(failure, signal, async () => {
    const refs = await Promise.all(wanted.map((page) => view.ref(0, page, signal)));
    if (refs.some((ref) => isBundleOnly(ref, bundle))) throw failure;
    const read: [number, Page][] = [];
    // Their entries are decoded, and wait in memory for their turn: so few at once.
    for await (const page of readAhead(wanted, 8, (index) => view.page(index, signal)))
      read.push([wanted[read.length]!, page]);
    return read;
  });
}

async function orElse<T>(failure: unknown, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    throwIfAborted(signal);
    // It tells more than that there is no other form.
    throw failure;
  }
}
