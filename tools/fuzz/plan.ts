// How many inputs each decoder gets.

import type { Decoder } from "./decoder.ts";

/** The share of a decoder that names none. */
const USUAL_SHARE = 8;

/** How many inputs each decoder gets of a total: at least one, and all together no fewer than the total. */
export function inputsOf(decoders: readonly Decoder[], total: number): readonly number[] {
  const sum = decoders.reduce((all, { share = USUAL_SHARE }) => all + share, 0);
  return decoders.map(({ share = USUAL_SHARE }) => Math.ceil((total * share) / sum));
}
