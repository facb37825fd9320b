// What the manifest says after a recovery: what a remote says, and what this device alone says, of the numbers that entries have now.

import type { EntryRange, Epoch, ManifestContent } from "../log/manifest.ts";
import type { Renumbering } from "./renumbering.ts";

/** What was said on two devices: nothing that either took out comes back. */
export function mergeManifests(theirs: ManifestContent, ours: ManifestContent): ManifestContent {
  const snapshot = Math.max(theirs.snapshot ?? -1, ours.snapshot ?? -1);
  const remotes = theirs.remotes ?? ours.remotes;
  const longer = <T>(one: readonly T[], other: readonly T[]): readonly T[] =>
    other.length > one.length ? other : one;
  return {
    successions: longer(theirs.successions, ours.successions),
    epochs: longer(theirs.epochs, ours.epochs),
    removed: union([...theirs.removed, ...ours.removed]),
    firstKept: Math.max(theirs.firstKept, ours.firstKept),
    ...(snapshot >= 0 && { snapshot }),
    ...(remotes && { remotes }),
  };
}

/**
 * The epochs after a recovery. Entries that a remote shows were sealed in the epochs that it knows; those that only this device began
 * begin behind them, and what is appended anew is in the newest.
 *
 * @param shownEntries - how many entries the remote shows
 */
export function mergeEpochs(
  theirs: readonly Epoch[],
  ours: readonly Epoch[],
  shownEntries: number,
): readonly Epoch[] {
  const known = theirs.length > 0 ? theirs : ours.slice(0, 1);
  const further = ours.slice(known.length);
  return [...known, ...further.map((epoch) => ({ ...epoch, first: Math.max(epoch.first, shownEntries) }))];
}

/**
 * What this device said, of the numbers that its entries have after a recovery. What a remote says as well is of the numbers that
 * the entries have there, which stay.
 *
 * @param size - number of entries after the recovery
 */
export function renumbered(
  ours: ManifestContent,
  theirs: ManifestContent,
  { renumbering, size }: { readonly renumbering: Renumbering; readonly size: number },
): ManifestContent {
  const { snapshot: before, removed, epochs, firstKept, ...others } = ours;
  const snapshot = before === undefined || before === theirs.snapshot ? before : renumbering.of(before);
  const isTheirs = ({ first, count }: EntryRange): boolean =>
    theirs.removed.some((range) => first >= range.first && first + count <= range.first + range.count);
  let least = 0;
  return {
    ...others,
    epochs: epochs.map((epoch, i) => {
      // The first one begins with the log.
      const stays = i === 0 || epoch.first === theirs.epochs[i]?.first;
      least = Math.max(least, stays ? epoch.first : renumbering.firstFrom(epoch.first, size));
      return { ...epoch, first: least };
    }),
    removed: union(removed.flatMap((range) => (isTheirs(range) ? [range] : renumbering.ofRange(range)))),
    // Entries of a remote may have come between those below it: they are kept.
    firstKept: firstKept === theirs.firstKept ? firstKept : Math.min(firstKept, renumbering.unmoved),
    ...(snapshot !== undefined && { snapshot }),
  };
}

/** The same, without what it says of entries that there are not: other ones will get their numbers. */
export function within(
  { successions, snapshot, removed, firstKept, epochs, remotes }: ManifestContent,
  size: number,
): ManifestContent {
  return {
    successions,
    ...(remotes && { remotes }),
    epochs: epochs.map((epoch) => ({ ...epoch, first: Math.min(epoch.first, size) })),
    removed: removed
      .filter(({ first }) => first < size)
      .map(({ first, count }) => ({ first, count: Math.min(count, size - first) })),
    firstKept: Math.min(firstKept, size),
    ...(snapshot !== undefined && snapshot < size && { snapshot }),
  };
}

function union(ranges: readonly EntryRange[]): EntryRange[] {
  const joined: EntryRange[] = [];
  for (const { first, count } of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = joined[joined.length - 1];
    if (last === undefined || first > last.first + last.count) joined.push({ first, count });
    else
      joined[joined.length - 1] = {
        first: last.first,
        count: Math.max(last.count, first + count - last.first),
      };
  }
  return joined;
}
