// Further remotes of a log, which its manifest names: opened, and asked from then on.

import type { Manifest } from "../log/manifest.ts";
import { withDeadlines } from "../remote/deadlines.ts";
import type { Remote } from "../remote/remote.ts";
import type { SyncWith } from "./reader.ts";
import type { ReaderParts } from "./reader-parts.ts";

/**
 * Wraps the syncs of a reader so that remotes which the manifest names are asked as well: at once if the sync that found them
 * failed, too, for the log may have moved there.
 *
 * @param open - opens those that the reader does not have yet
 */
export function findingRemotes(open: (manifest: Manifest) => Promise<readonly Remote[]>): SyncWith {
  return async (sync, parts) => {
    const [result] = await Promise.allSettled([sync()]);
    const { manifest } = parts.newest;
    const found = manifest && (await open(manifest.manifest));
    if (found !== undefined && found.length > 0 && take(parts, found) > 0) return sync();
    if (result.status === "rejected") throw result.reason;
    return result.value;
  };
}

function take({ remotes, contacts, limits }: ReaderParts, found: readonly Remote[]): number {
  const before = remotes.length;
  for (const remote of found) {
    if (remotes.some(({ label }) => label === remote.label)) continue;
    remotes.push(withDeadlines(remote, limits.requestMilliseconds));
    contacts.add(remote);
  }
  return remotes.length - before;
}
