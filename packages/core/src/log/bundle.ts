// Bundles: older pages that are stored together; docs/protocol.md, "Bundles".

import type { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import { encodeRemoteLog, type WirePair } from "../wire/remote-log-message.ts";
import { checkReadable } from "./log-limits.ts";
import type { Ref } from "./page.ts";
import { type Pair, pairToBundle } from "./pair.ts";

/** Where pages are stored together. Nothing signs that: their hashes are those of the refs. */
export interface Bundle {
  /** Number of the first page, among all pages of the log. It is a multiple of the number of pages in the bundle. */
  readonly first: number;
  /** Where it is. */
  readonly address: Address;
  /** How many bytes the entries of each page take in it, oldest page first: a power of two of them, at least 2. */
  readonly lengths: readonly number[];
}

/** Whether a page is one of those in a bundle. */
export function isInBundle(page: number, { first, lengths }: Bundle): boolean {
  return first <= page && page < first + lengths.length;
}

/** Whether a page is stored in a bundle alone: then its ref has the address of the bundle. */
export function isBundleOnly(ref: Ref, bundle: Bundle | undefined): boolean {
  return bundle?.address.equals(ref.address) === true;
}

const none = new Uint8Array(0);

/** The part of a bundle that holds the entries of one page, oldest first. */
export function encodeBundlePart(pairs: readonly Pair[]): Uint8Array {
  return encodePart(pairs.map(pairToBundle).reverse(), undefined);
}

/**
 * Encodes a bundle: a `RemoteLog` of the standard with the entries of all its pages.
 *
 * @param parts - of each page, oldest first, as {@link encodeBundlePart} gives it
 * @param tail - address of the bundle or page before it; absent for the first
 * @throws TooLargeError `ERR_TOO_LARGE` if readers would not accept it by default
 */
export function encodeBundle(parts: readonly Uint8Array[], tail: Address | undefined): Uint8Array {
  // On the wire the newest entry comes first.
  const bytes = concatBytes([...[...parts].reverse(), encodePart([], tail)]);
  checkReadable("page", bytes);
  return bytes;
}

// The encoding of a message is that of its parts, one after the other.
function encodePart(pairs: readonly WirePair[], tail: Address | undefined): Uint8Array {
  return encodeRemoteLog({
    pairs,
    tail: tail?.bytes ?? none,
    genesis: none,
    checkpoint: none,
    levels: [],
    head: none,
  });
}
