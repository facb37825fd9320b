// Remotes that a log names itself, beside those that the user or a link named: read in the same way as a link's.

import type { Remote } from "@remote-log/core";
import { linkedPlaces } from "../remotes/linked/linked-places.ts";
import { trustedOrigins } from "../remotes/linked/trust.ts";
import { openRemotes } from "../remotes/open-remotes.ts";
import { kindOf } from "../remotes/registry.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";

/** What {@link furtherRemotes} works with. */
export interface FurtherRemotesOptions {
  /** The remotes that are read already. */
  readonly places: readonly RemotePlace[];
  /** Places that may be used like the user's own. */
  readonly trust: readonly string[];
  /** Takes in each that was opened: whoever closes the others closes it, too. */
  readonly opened: Remote[];
  readonly counted: (remote: Remote) => Remote;
}

/** Opens the remotes that a log names, as far as a link could lead there. What can't be opened is left out. */
export function furtherRemotes(
  invocation: Invocation,
  { places, trust, opened, counted }: FurtherRemotesOptions,
): (uris: readonly string[]) => Promise<readonly Remote[]> {
  const known = new Set(places.map(({ uri }) => uri));
  return async (uris) => {
    const found: Remote[] = [];
    for (const uri of uris.filter((one) => !known.has(one) && kindOf(one) !== undefined)) {
      const remote = await open(uri, trustedOrigins(trust)).catch(() => undefined);
      if (remote === undefined) continue;
      opened.push(remote);
      found.push(counted(remote));
      await invocation.note(`The log is also at ${printable(remote.label)}: reading from there, too.`);
    }
    return found;
  };
}

async function open(uri: string, trusted: ReadonlySet<string>): Promise<Remote | undefined> {
  const [remote] = await openRemotes(linkedPlaces([uri], trusted).used);
  return remote;
}
