// What a publish that was cut may have stored without the journal knowing it, of entries that are about to be removed.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { isBundleOnly } from "../log/bundle.ts";
import type { Pair } from "../log/pair.ts";
import { endOf, rangeWith, type SequenceRanges, subtractRanges } from "../log/sequence-ranges.ts";
import { treeShape } from "../log/tree-shape.ts";
import type { Sink } from "./page-runs.ts";
import type { PageForm, RewriteParts } from "./rewritten-tree.ts";

/** The most objects of one record. */
const OBJECTS_AT_ONCE = 4096;

/**
 * Notes objects that an earlier publish may have stored without the journal knowing it, because it was cut: pages beyond the
 * known ones, and contents that no page points at yet. Called while the journal still has what is about to be removed: what
 * their addresses are follows from it.
 *
 * @param removed - the entries that are about to be removed
 * @param options - `size`: number of entries in the journal; `form`: how that publish made pages, by default as this one does
 */
export async function noteUnknownObjects(
  { genesis, tree, journal, records, storage }: RewriteParts,
  removed: SequenceRanges,
  { size, form = tree }: { readonly size: number; readonly form?: PageForm | undefined },
): Promise<void> {
  const { leafSize } = genesis;
  const { step } = form.runs;
  await noteBegunRuns({ genesis, tree, journal, records, storage }, removed, form);
  // A run that is begun may be in a bundle that nothing leads to, with the pages of it that are stored by themselves.
  let run = step === 1 ? tree.pages : form.nextRun;
  const pending = subtractRanges(removed, [{ first: 0, count: run * leafSize }]);
  const end = Math.min(size, endOf(pending[pending.length - 1] ?? { first: 0, count: 0 }));
  if (end <= run * leafSize) return;
  let [objects, contents]: [Address[], Address[]] = [[], []];
  const note = async (): Promise<void> => {
    await journal.write(await records.oldObjects.addOperations({ tree: objects, contents }), true);
    [objects, contents] = [[], []];
  };
  const address = (content: Uint8Array) => addressOf(content, storage.capabilities.hashTypes[0]!);
  const noted: Sink = {
    address,
    put: async (_content, object) => void objects.push(object),
    settled: async () => undefined,
  };
  const nowhere: Sink = { ...noted, put: async () => undefined };
  const stage = { stored: tree.pages, pages: treeShape(size, genesis).pages };
  let before = await form.runs.endOf(run);
  for (; run * leafSize < end; run += step) {
    const to = run + step;
    const from = Math.min(Math.max(run, tree.pages), to);
    const pairs = await form.pairs(from * leafSize, Math.min(to * leafSize, size), nowhere);
    const gone = pairs.filter((_, i) => rangeWith(pending, from * leafSize + i) !== undefined);
    // In which form a content is stored is asked when its entry is removed: until then it may be needed.
    if (form === tree) await collectContents(contents, gone, tree.leastEmbedded, address);
    const isInRun = pending.some((range) => range.first < to * leafSize && endOf(range) > run * leafSize);
    // It depended on how far that publish went in which form its pages were stored.
    const sinks = { pages: gone.length > 0 ? noted : nowhere, bundles: isInRun ? noted : nowhere };
    const inPages = pairs.slice(0, Math.max(0, stage.pages - from) * leafSize);
    before = await form.runs.layUnstored(run, stage, inPages, before, sinks);
    if (objects.length + contents.length >= OBJECTS_AT_ONCE) await note();
  }
  await note();
}

/**
 * Notes pages of runs that are stored in bundles alone. A publish that was cut may have begun such a run, with pages by themselves, and
 * the one after it knew nothing of them.
 */
async function noteBegunRuns(
  { genesis, journal, records, storage }: RewriteParts,
  removed: SequenceRanges,
  form: PageForm,
): Promise<void> {
  const { step } = form.runs;
  if (step === 1) return;
  const entries = genesis.leafSize * step;
  const address = (content: Uint8Array) => addressOf(content, storage.capabilities.hashTypes[0]!);
  let next = 0;
  for (const range of removed) {
    next = Math.max(next, Math.floor(range.first / entries) * step);
    for (; next < form.nextRun && next * genesis.leafSize < endOf(range); next += step) {
      const [bundle] = await records.bundles.load(next, next + 1);
      const refs = await records.loadRefs(0, next, next + step);
      const first = next;
      if (!refs.some((ref) => isBundleOnly(ref, bundle))) continue;
      const pages: Address[] = [];
      const all: Sink = {
        address,
        put: async (_content, page) => void pages.push(page),
        settled: async () => undefined,
      };
      const nowhere: Sink = { ...all, put: async () => undefined };
      const pairs = await form.pairs(first * genesis.leafSize, first * genesis.leafSize + entries, nowhere);
      const stage = { stored: first, pages: first };
      await form.runs.layUnstored(first, stage, pairs, await form.runs.endOf(first), {
        pages: all,
        bundles: nowhere,
      });
      const begun = pages.filter((_, i) =>
        isTouched(removed, (first + i) * genesis.leafSize, genesis.leafSize),
      );
      const noted = await records.oldObjects.addOperations({ tree: begun, contents: [] });
      await journal.write(noted, true);
    }
  }
}

function isTouched(removed: SequenceRanges, first: number, count: number): boolean {
  return removed.some((range) => range.first < first + count && endOf(range) > first);
}

/** Adds where the contents of pairs may be stored on their own. */
async function collectContents(
  found: Address[],
  pairs: readonly Pair[],
  leastEmbedded: number,
  address: (content: Uint8Array) => Promise<Address>,
): Promise<void> {
  for (const { place } of pairs) {
    if (place.kind === "pointer") found.push(place.address);
    if (place.kind === "embedded" && place.stored.length > leastEmbedded)
      found.push(await address(place.stored));
  }
}
