// Bundles of a tree, read: all of one, or some pages out of it. Loaded by readers that meet one.

import type { Address } from "../address/address.ts";
import type { Bundle } from "../log/bundle.ts";
import { decodeBundle } from "../log/bundled-node.ts";
import type { Page, Ref } from "../log/page.ts";
import type { ByteRange } from "../remote/storage-backend.ts";
import type { ReaderLimits } from "./reader-limits.ts";

/** What a bundle is read from: a tree below a head. */
export interface BundledTree {
  /** Entries in a full leaf page. */
  readonly leafSize: number;
  readonly limits: ReaderLimits;
  /** The ref to a child of the index. */
  ref(level: number, index: number, signal?: AbortSignal): Promise<Ref>;
  /** Reads an object and verifies it against its address. */
  object(address: Address, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** What parts of bundles are read from. */
export interface PartedTree extends BundledTree {
  /** Reads a part of an object, which nothing verifies. */
  part(address: Address, range: ByteRange, signal: AbortSignal): Promise<Uint8Array>;
}

/** Pages of a bundle that follow each other, by their numbers: from `from` up to `to`. */
export interface PageRun {
  readonly from: number;
  readonly to: number;
}

/** Reads and verifies all pages of a bundle, oldest first. */
export async function readBundle(
  view: BundledTree,
  bundle: Bundle,
  signal: AbortSignal,
): Promise<readonly Page[]> {
  return (await fetchBundle(view, bundle, signal))();
}

/**
 * Reads a bundle. Until it is decoded, it takes no more memory than its bytes.
 *
 * @returns decodes its pages, oldest first, and verifies them
 */
export async function fetchBundle(
  view: BundledTree,
  { first, address, lengths }: Bundle,
  signal: AbortSignal,
): Promise<() => readonly Page[]> {
  const hashes = await hashesOf(view, { from: first, to: first + lengths.length }, signal);
  const bytes = await view.object(address, view.limits.pageBytes, signal);
  return () => decodeBundle(bytes, view.leafSize, hashes).pages;
}

/**
 * Reads and verifies some pages of a bundle, oldest first, by one range of its bytes. If that can't be had, or its entries are not
 * those that the refs promise, all of the bundle is read.
 */
export async function readRun(
  view: PartedTree,
  bundle: Bundle,
  run: PageRun,
  signal: AbortSignal,
): Promise<readonly Page[]> {
  const hashes = await hashesOf(view, run, signal);
  try {
    const bytes = await view.part(bundle.address, rangeOf(bundle, run), signal);
    // The encoding of a bundle is that of its pages, one after the other: some of them are a bundle again.
    return decodeBundle(bytes, view.leafSize, hashes).pages;
  } catch {
    const pages = await readBundle(view, bundle, signal);
    return pages.slice(run.from - bundle.first, run.to - bundle.first);
  }
}

/** How many bytes the entries of a run of pages take in their bundle. */
export function bytesOf({ first, lengths }: Bundle, { from, to }: PageRun): number {
  return lengths.slice(from - first, to - first).reduce((sum, length) => sum + length, 0);
}

// On the wire the newest entry comes first.
function rangeOf(bundle: Bundle, run: PageRun): ByteRange {
  const newer = { from: run.to, to: bundle.first + bundle.lengths.length };
  return { offset: bytesOf(bundle, newer), length: bytesOf(bundle, run) };
}

async function hashesOf(
  view: BundledTree,
  { from, to }: PageRun,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const pages = Array.from({ length: to - from }, (_, i) => from + i);
  const refs = await Promise.all(pages.map((page) => view.ref(0, page, signal)));
  return refs.map(({ hash }) => hash);
}
