// Writes a bundle of a remote anew without the contents that were removed; docs/protocol.md, "Removal".

import type { Address } from "../address/address.ts";
import { hasCode } from "../errors/index.ts";
import { type Bundle, encodeBundle, encodeBundlePart } from "../log/bundle.ts";
import { decodeBundle } from "../log/bundled-node.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import type { Ref } from "../log/page.ts";
import type { Pair } from "../log/pair.ts";
import type { Cuts } from "../log/tree-shape.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { PageRuns, Sink } from "./page-runs.ts";

/** What a bundle is written anew with. */
export interface BundleChange {
  readonly bundle: Bundle;
  /** The refs to its pages. */
  readonly refs: readonly Ref[];
  /** A pair as it is now. */
  readonly without: (pair: Pair, sequence: number) => Pair;
  /** The bundle that was written anew before it. */
  readonly before: Bundle | undefined;
}

/** Where it is. */
export interface BundlePlace {
  readonly genesis: Cuts;
  readonly storage: StorageBackend;
  readonly tree: {
    readonly runs: Pick<PageRuns, "endOf">;
    pairs(from: number, to: number, uploads: Sink): Promise<Pair[]>;
  };
}

/** Where what is stored goes. */
export interface BundleSinks {
  /** Gets contents that have objects of their own. */
  readonly contents: Sink;
  /** Gets the bundle. */
  readonly bundles: Sink;
}

/**
 * Writes a bundle anew. If the remote has lost it, the journal has its entries.
 *
 * @returns `undefined` if nothing in it has changed
 */
export async function rewriteBundle(
  { bundle, refs, without, before }: BundleChange,
  { genesis, storage, tree }: BundlePlace,
  sinks: BundleSinks,
  signal: AbortSignal,
): Promise<Bundle | undefined> {
  const { leafSize } = genesis;
  const from = bundle.first * leafSize;
  const hashes = refs.map(({ hash }) => hash);
  const decode = (bytes: Uint8Array): Pair[] =>
    decodeBundle(bytes, leafSize, hashes).pages.flatMap((page) => page.pairs);
  const stored = await readStored(storage, bundle.address, decode, signal);
  const then = stored ?? (await tree.pairs(from, from + refs.length * leafSize, sinks.contents));
  const now = then.map((pair, i) => without(pair, from + i));
  if (stored !== undefined && now.every((pair, i) => pair.place.kind === then[i]!.place.kind))
    return undefined;
  const parts = refs.map((_, i) => encodeBundlePart(now.slice(i * leafSize, (i + 1) * leafSize)));
  const follows = before !== undefined && before.first + before.lengths.length === bundle.first;
  const bytes = encodeBundle(parts, follows ? before.address : await tree.runs.endOf(bundle.first));
  const address = await sinks.bundles.address(bytes);
  await sinks.bundles.put(bytes, address);
  return { first: bundle.first, address, lengths: parts.map(({ length }) => length) };
}

/** An object of a remote, decoded; `undefined` if the remote does not have it. */
export async function readStored<T>(
  storage: StorageBackend,
  address: Address,
  decode: (bytes: Uint8Array) => T,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return decode(await getChecked(storage, address, { maxBytes: LARGEST_PAGE, signal }));
  } catch (error) {
    if (hasCode(error, "ERR_NOT_FOUND", "ERR_NOT_PROPAGATED", "ERR_INTEGRITY", "ERR_TOO_LARGE"))
      return undefined;
    throw error;
  }
}

/** Bundles, of which some were written anew. */
export function replaceBundles(bundles: readonly Bundle[], rewritten: readonly Bundle[]): Bundle[] {
  return bundles.map((bundle) => rewritten.find(({ first }) => first === bundle.first) ?? bundle);
}
