// What a recovery does about former keys: what one of them signed, and the owner of the log did not, counts as not there.

import { bytesEqual } from "../bytes.ts";
import { generationOf } from "../log/head.ts";
import type { SignedSuccession } from "../log/succession.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Found } from "./recover-remotes.ts";

/** What this journal knows. */
export interface OwnKeys {
  readonly successions: readonly SignedSuccession[];
  /** The tree of its first entries. */
  readonly prefix: (size: number) => Promise<CompactRange>;
}

/**
 * What remotes show, without the heads that are not part of the log. A remote that shows one is as if it held no head: the next
 * publish replaces it.
 */
export async function withoutSuperseded(
  found: readonly Found[],
  own: OwnKeys,
  signal: AbortSignal,
): Promise<Found[]> {
  const newest = found.reduce<Found | undefined>(
    (best, one) => (keysOf(one) > keysOf(best) ? one : best),
    undefined,
  );
  const owner = keysOf(newest) > own.successions.length ? newest : undefined;
  const successions = owner?.view?.head.manifest?.successions ?? own.successions;
  const prefix = (size: number): Promise<CompactRange> =>
    owner === undefined ? own.prefix(size) : owner.view!.prefix(size, signal);
  const left: Found[] = [];
  for (const one of found) {
    const { view } = one;
    const end = view && successions[generationOf(view.head)];
    if (view === undefined || end === undefined) {
      left.push(one);
      continue;
    }
    const { size, root } = view.head.checkpoint;
    const versions = view.head.manifest?.checkpoint.size ?? 0;
    const isPart =
      size <= end.size && versions <= end.versions && bytesEqual((await prefix(size)).root(), root);
    left.push(isPart ? one : { ...one, view: undefined });
  }
  return left;
}

function keysOf(found: Found | undefined): number {
  return found?.view === undefined ? 0 : generationOf(found.view.head);
}
