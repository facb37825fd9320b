// Cuts a run of pages into objects: pages by themselves, or bundles; docs/protocol.md, "Bundles".

import type { Address } from "../address/address.ts";
import { perfectRootOfTwos } from "../merkle/index.ts";
import { type Bundle, encodeBundle, encodeBundlePart } from "./bundle.ts";
import { encodePage, type Ref } from "./page.ts";
import type { Pair } from "./pair.ts";
import type { Cuts } from "./tree-shape.ts";

/** How many entries a bundle has at most. */
const ENTRIES_IN_BUNDLE = 256;

/** The largest bundle, in bytes: pages that do not fit into it are divided among smaller ones. */
export const LARGEST_BUNDLE: number = 128 * 2 ** 10;

/** How many pages are bundled together if they are small enough; 1 if pages are as large as bundles. */
export function pagesInRun({ leafSize, fanOut }: Cuts): number {
  return Math.max(1, Math.min(fanOut, Math.floor(ENTRIES_IN_BUNDLE / leafSize)));
}

/** Where the objects of a run go. */
export interface ObjectSink {
  address(content: Uint8Array): Promise<Address>;
  put(content: Uint8Array, address: Address): Promise<void>;
}

/** A run of pages. */
export interface Run {
  /** Number of its first page. */
  readonly first: number;
  /** The entries of its pages, oldest first, as far as they are full. */
  readonly pages: readonly (readonly Pair[])[];
  /** Refs to the first of them, which are stored. */
  readonly stored: readonly Ref[];
  /** Whether it is whole and a page follows it: then it is bundled. */
  readonly closes: boolean;
  /** Whether a page is stored by itself although it is in a bundle. */
  readonly alone: (page: number) => boolean;
  /** The address of the bundle or page before it; absent for the first. */
  readonly before: Address | undefined;
  /** The largest bundle, in bytes. */
  readonly largest: number;
}

/** What a run became. */
export interface LaidRun {
  /** Refs to the pages that were not stored. */
  readonly refs: readonly Ref[];
  readonly bundles: readonly Bundle[];
  /** The address of its last bundle or page. */
  readonly last: Address | undefined;
}

/**
 * Stores what is missing of a run. In a run that closes, pages that were not stored before are in a bundle alone.
 *
 * The `tail` of a page is the page before it, if that is stored by itself. All other tails lead to the bundle or page that ends
 * before. So a reader of the standard alone comes from each object to all that is older, and over few of them.
 */
export async function layRun(run: Run, sink: ObjectSink): Promise<LaidRun> {
  const { first, pages, stored, alone } = run;
  const parts = run.closes ? pages.map(encodeBundlePart) : [];
  const refs: Ref[] = [...stored];
  const bundles: Bundle[] = [];
  let last = run.before;
  /** The address of the newest page, if it is stored by itself. */
  let page = last;
  for (const { at, count } of unitsOf(parts, pages.length, run.largest)) {
    const before = last;
    const isBundle = count > 1;
    const unstored: number[] = [];
    for (let i = at; i < at + count; i++) {
      const known = stored[i];
      if (known === undefined && isBundle && !alone(first + i)) {
        unstored.push(i);
        page = undefined;
        continue;
      }
      page = known?.address ?? (await put(encodePage(pages[i]!, page ?? before), sink));
      refs[i] = known ?? { address: page, hash: hashOf(pages[i]!) };
      if (!isBundle) last = page;
    }
    if (!isBundle) continue;
    const inBundle = parts.slice(at, at + count);
    last = await put(encodeBundle(inBundle, before), sink);
    bundles.push({ first: first + at, address: last, lengths: inBundle.map(({ length }) => length) });
    for (const i of unstored) refs[i] = { address: last, hash: hashOf(pages[i]!) };
  }
  return { refs: refs.slice(stored.length), bundles, last };
}

async function put(bytes: Uint8Array, sink: ObjectSink): Promise<Address> {
  const address = await sink.address(bytes);
  await sink.put(bytes, address);
  return address;
}

function hashOf(pairs: readonly Pair[]): Uint8Array {
  return perfectRootOfTwos(pairs);
}

interface Unit {
  readonly at: number;
  readonly count: number;
}

// Halves of halves, until they fit. What is not bundled is one page each.
function* unitsOf(
  parts: readonly Uint8Array[],
  pages: number,
  largest: number,
  at = 0,
  count = pages,
): Generator<Unit> {
  if (parts.length === 0 || count <= 1) {
    for (let i = at; i < at + count; i++) yield { at: i, count: 1 };
    return;
  }
  const bytes = parts.slice(at, at + count).reduce((sum, { length }) => sum + length, 0);
  if (bytes <= largest) {
    yield { at, count };
    return;
  }
  yield* unitsOf(parts, pages, largest, at, count / 2);
  yield* unitsOf(parts, pages, largest, at + count / 2, count / 2);
}
