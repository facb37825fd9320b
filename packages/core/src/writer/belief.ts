// What becomes of the journal's belief in what a remote holds, once its name was seen: another place may answer, or the same place
// made anew or set back, or one that the journal knows nothing of and that holds our log.

import type { DoubtRecord } from "../journal/remote-records.ts";
import type { StorageCapabilities } from "../remote/storage-backend.ts";
import type { Decision, Seen } from "./decide.ts";

/** What the journal believes, and what a look at the name showed. */
export interface Sight {
  readonly seen: Seen;
  readonly decision: Decision;
  /** Whether the journal says that something was published there. */
  readonly wasPublished: boolean;
  /** The id of the remote that the name shows, in hexadecimal digits; `null` if it shows none. */
  readonly shown: string | null;
  /** The id of the remote that the journal's belief belongs to; absent before the first, and for logs of earlier versions. */
  readonly remoteId: string | undefined;
  /** The doubt for which everything stored is being looked for, or was looked for, without the name having moved since. */
  readonly doubt: DoubtRecord | undefined;
  /** Whether the name system promises not to lag. */
  readonly readYourWrites: boolean;
}

/**
 * What becomes of the belief.
 *
 * - `"kept"`: what the journal says is stored, is stored
 * - `"ended"`: nothing is believed. Everything has to be looked for, and what is missing put back, before the name moves; and the
 *   name has to move
 * - `"adopted"`: nothing was believed, and nothing is. The place holds our log, published under another label, say: everything has
 *   to be looked for, and if nothing is missing, the name is as it should be
 */
export type Belief = "kept" | "ended" | "adopted";

/** What the name shows is compared once: as long as it shows the same, what was found or put back since counts. */
export function judgeBelief({ doubt, ...sight }: Sight): Belief {
  const { seen, decision, wasPublished, shown, remoteId, readYourWrites } = sight;
  if (doubt?.shown === shown) return "kept";
  if (!wasPublished && seen.kind === "own") return "adopted";
  return isSuspect(seen, decision, shown === (remoteId ?? null), readYourWrites) ? "ended" : "kept";
}

/** How to look for everything at a place that is adopted. If what is there may go with somebody else, everything is sent. */
export function adoptionOf(shown: string | null, { presence }: StorageCapabilities): DoubtRecord {
  return { shown, ...(presence === "passing" && { sends: true }) };
}

function isSuspect(seen: Seen, { kind }: Decision, sameRemote: boolean, readYourWrites: boolean): boolean {
  switch (seen.kind) {
    case "absent":
    case "incomplete":
      return kind === "republish";
    case "own":
      // A name that may lag shows older heads of ours for a while; any other was set back, and the contents perhaps with it.
      return !sameRemote || (kind === "republish" && readYourWrites);
    default:
      return false;
  }
}
