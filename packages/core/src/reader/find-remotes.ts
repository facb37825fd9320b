// Further remotes of a log, which its manifest names: opened by the application, and asked from then on.

import { epochKeys } from "../log/epoch-keys.ts";
import type { Manifest } from "../log/manifest.ts";
import type { ReadKey } from "../log/read-key.ts";
import { openRemotes } from "../log/sealed-remotes.ts";
import { withDeadlines } from "../remote/deadlines.ts";
import type { Remote } from "../remote/remote.ts";
import { faultOfUris } from "../remote/remote-uri.ts";
import type { ReaderOptions } from "./reader-options.ts";
import type { ReaderParts, SyncWith } from "./reader-parts.ts";

/**
 * Wraps the syncs of a reader so that remotes which the manifest names are asked as well: at once, also if the sync that found
 * them failed, for the log may have moved there.
 *
 * @param open - opens those that it was not called with before
 */
export function findingRemotes(open: NonNullable<ReaderOptions["furtherRemotes"]>): SyncWith {
  const seen = new Set<string>();
  return async (sync, parts) => {
    const [result] = await Promise.allSettled([sync()]);
    const further = (await urisIn(parts)).filter((uri) => !seen.has(uri));
    for (const uri of further) seen.add(uri);
    const found = further.length === 0 ? [] : await open(further);
    if (take(parts, found) > 0) return sync();
    if (result.status === "rejected") throw result.reason;
    return result.value;
  };
}

// What can't be read, or is no URI, is as if it were not said.
async function urisIn(parts: ReaderParts): Promise<readonly string[]> {
  const manifest: Manifest | undefined = parts.newest.manifest?.manifest;
  const genesis = parts.newest.views[0]?.head.genesis;
  if (manifest?.remotes === undefined || genesis === undefined) return [];
  const isPrivate = genesis.genesis.visibility === "private";
  const key = isPrivate ? await keyOf(parts, genesis.logId, manifest) : undefined;
  const uris = openRemotes(manifest.remotes, genesis, key) ?? [];
  return faultOfUris(uris) === undefined ? uris : [];
}

// They are sealed with the key of the newest epoch: whoever was shut out does not learn where the log goes.
async function keyOf(
  { newest, options: { key, identity }, closing }: ReaderParts,
  logId: string,
  { epochs }: Manifest,
): Promise<Pick<ReadKey, "toBytes"> | undefined> {
  if (identity !== undefined) return identity.newestKey(newest.views, epochs, closing.signal);
  if (key === undefined || epochs.length === 0) return key;
  const found = epochKeys(key.toBytes(), logId, epochs).get(epochs.length - 1);
  return found && { toBytes: () => found };
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
