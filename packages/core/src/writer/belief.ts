// When the journal's belief in what a remote holds ends: another place answers, or the same place made anew or set back.

import type { DoubtRecord } from "../journal/remote-records.ts";
import type { Decision, Seen } from "./decide.ts";

/** What the journal believes, and what a look at the name showed. */
export interface Sight {
  readonly seen: Seen;
  readonly decision: Decision;
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
 * Whether nothing is believed any more of what the journal says is stored on a remote: everything has to be looked for, and
 * what is missing put back, before the name moves.
 *
 * What the name shows is compared once: as long as it shows the same, what was found or put back since counts.
 */
export function endsBelief({ seen, decision, shown, remoteId, doubt, readYourWrites }: Sight): boolean {
  return isSuspect(seen, decision, shown === (remoteId ?? null), readYourWrites) && doubt?.shown !== shown;
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
