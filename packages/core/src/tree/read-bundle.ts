// Bundles of a tree, read. Loaded by readers that meet one.

import type { Address } from "../address/address.ts";
import type { Bundle } from "../log/bundle.ts";
import { decodeBundle } from "../log/bundled-node.ts";
import type { Page, Ref } from "../log/page.ts";
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
  const refs = await Promise.all(lengths.map((_, i) => view.ref(0, first + i, signal)));
  const bytes = await view.object(address, view.limits.pageBytes, signal);
  const hashes = refs.map(({ hash }) => hash);
  return () => decodeBundle(bytes, view.leafSize, hashes).pages;
}
