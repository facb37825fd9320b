// Padding of contents before they are sealed: Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", 2019, §4); docs/protocol.md, "Private logs".

import type { Padding } from "./genesis.ts";

/** What a short content is padded to, in bytes, so that "yes" and "no" look alike. */
const LEAST_PADDED = 32;

/** What is padded to at most, in bytes: with the 16 of the seal, it is the largest content that storage holds. */
const MOST_PADDED: number = 16 * 2 ** 20 - 16;

/** The byte that ends the content; zeros follow (ISO/IEC 7816-4). */
const END = 0x80;

/** The padding of short contents begins the padding of the longer ones among them. */
const short = new Uint8Array(1024);
short[0] = END;

/**
 * How long a content is when it is padded, in bytes. Of the length, no more shows than its order of magnitude and a few leading
 * bits: the least multiple that Padmé allows, at least 32.
 *
 * @param padding - what the genesis record says; Padmé if it says nothing
 */
export function paddedBytes(content: number, padding?: Padding): number {
  if (padding === "none") return content;
  const least = Math.max(content + 1, LEAST_PADDED);
  const exponent = Math.floor(Math.log2(least));
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
  const padded = Math.ceil(least / step) * step;
  return padded <= MOST_PADDED ? padded : Math.max(least, MOST_PADDED);
}

/**
 * What pads a content: it comes behind it. Not to be changed.
 *
 * @param bytes - how many: what {@link paddedBytes} adds
 */
export function paddingOf(bytes: number): Uint8Array {
  if (bytes <= short.length) return short.subarray(0, bytes);
  const long = new Uint8Array(bytes);
  long[0] = END;
  return long;
}

/**
 * Takes the padding off.
 *
 * @returns a view of the content; `undefined` if it is not padded as {@link pad} does it
 */
export function unpad(padded: Uint8Array, padding?: Padding): Uint8Array | undefined {
  if (padding === "none") return padded;
  let end = padded.length - 1;
  while (padded[end] === 0) end--;
  if (padded[end] !== END || padded.length !== paddedBytes(end, padding)) return undefined;
  return padded.subarray(0, end);
}
