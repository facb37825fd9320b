// What the writer's manifest says is removed: its word alone counts, never that of a storage.

import { RemovedError } from "../errors/index.ts";
import type { VerifiedHead } from "./head.ts";
import type { ManifestContent } from "./manifest.ts";
import { endOf, joinRanges, rangeWith, type SequenceRanges } from "./sequence-ranges.ts";

/** What a manifest says of contents that were taken out. */
export type Removals = Pick<ManifestContent, "removed" | "firstKept">;

/** The entries whose contents a manifest says are gone. */
export function removedBy(manifest: Removals | undefined): SequenceRanges {
  if (manifest === undefined) return [];
  return joinRanges([{ first: 0, count: manifest.firstKept }, ...manifest.removed]);
}

/** The entries whose contents are gone, by the manifest that a verified head carries. */
export function removedIn(head: VerifiedHead): SequenceRanges {
  return removedBy(head.manifest?.manifest);
}

/** The error for an entry whose content is gone by the writer's word. */
export function removedError(sequence: number, removed: SequenceRanges, operation: string): RemovedError {
  const range = rangeWith(removed, sequence);
  const next = range === undefined ? sequence + 1 : endOf(range);
  const which = next > sequence + 1 ? `, as those of all entries up to ${next - 1} were` : "";
  return new RemovedError(
    `The writer removed the content of entry ${sequence}${which}. Continue at ${next}, or read with \`removed: "skip"\`.`,
    { operation, sequence, next },
  );
}
