// The best of what several trees show of the same entries.

import { readAhead } from "../async/read-ahead.ts";
import { bytesEqual } from "../bytes.ts";
import { type Pair, pairLeafHash } from "../log/pair.ts";
import { rangeWith, type SequenceRanges } from "../log/sequence-ranges.ts";
import type { ContentCopier } from "./content-copier.ts";
import { gravest, withheld } from "./missing-entries.ts";

/** The same entries as one tree shows them; a tree that ends before them shows fewer. */
export interface ShownPairs {
  readonly pairs: readonly Pair[];
  /** Whether the target itself shows them. */
  readonly there: boolean;
}

/** Entries as the target will have them. */
export interface MergedPairs {
  readonly pairs: readonly Pair[];
  /** What could not be got: places among the pairs, and why. */
  readonly missing: readonly { readonly at: number; readonly error: unknown }[];
}

/** How many pairs of a page are copied at once. */
const PAIRS_AT_ONCE = 64;

/**
 * Merges what several trees show of the same entries: of each the first pair whose content can be had. One that is shown
 * without its content counts only if no tree has better, and even then its content is looked for, if its hash tells where it
 * would be: unless the copy has to say what the tree says, so that nobody would find it there.
 *
 * What the writer removed is another matter: it is looked for nowhere, and copied without its content, whoever still has it.
 *
 * @param shown - in the order of preference; the first has to show all of them, verified
 * @param first - sequence number of the first entry
 * @param options - `unchanged`: whether the copy is one tree as it is; `removed`: the entries whose contents the writer removed
 */
export async function mergePairs(
  shown: AsyncIterable<ShownPairs>,
  first: number,
  options: {
    readonly contents: ContentCopier;
    readonly unchanged: boolean;
    readonly removed: SequenceRanges;
  },
  signal: AbortSignal,
): Promise<MergedPairs> {
  const { contents, unchanged, removed } = options;
  const isRemoved = (at: number): boolean => rangeWith(removed, first + at) !== undefined;
  const best: Pair[] = [];
  const errors = new Map<number, unknown[]>();
  for await (const { pairs, there } of shown) {
    const open =
      best.length === 0
        ? [...pairs.keys()].filter((at) => !isRemoved(at))
        : [...errors.keys()].filter((at) => isSame(best[at]!, pairs[at]));
    if (best.length === 0) {
      best.push(...pairs.map((pair, at) => (isRemoved(at) && !unchanged ? withoutContent(pair) : pair)));
    }
    const placed = readAhead(open, PAIRS_AT_ONCE, async (at) => {
      const pair = pairs[at]!;
      if (pair.place.kind === "removed") return { at, pair, result: { error: withheld(first + at) } };
      return { at, pair, result: await contents.place(pair, there, signal) };
    });
    for await (const { at, pair, result } of placed) {
      if ("pair" in result) {
        best[at] = result.pair;
        errors.delete(at);
        continue;
      }
      errors.set(at, [...(errors.get(at) ?? []), result.error]);
      // An address may be reached one day.
      if (best[at]!.place.kind === "removed") best[at] = pair;
    }
    if (errors.size === 0) break;
  }
  for (const at of errors.keys()) {
    const pair = best[at]!;
    if (unchanged || pair.place.kind !== "removed") continue;
    const result = await contents.place(pair, true, signal);
    if (!("pair" in result)) continue;
    best[at] = result.pair;
    errors.delete(at);
  }
  const missing = [...errors].map(([at, failures]) => ({ at, error: gravest(failures) }));
  return { pairs: best, missing };
}

function withoutContent({ localHash, contentHash }: Pair): Pair {
  return { localHash, contentHash, place: { kind: "removed" } };
}

function isSame(pair: Pair, other: Pair | undefined): boolean {
  return other !== undefined && bytesEqual(pairLeafHash(pair), pairLeafHash(other));
}
