// Forgets what the journal believes of its remotes.

import type { BatchOperation, KeyRange } from "./database.ts";
import type { Journal } from "./journal.ts";
import {
  allOldObjectsKeys,
  bundleKeys,
  keysOfRemote,
  remoteKeys,
  remoteRefKeys,
  uploadKeys,
} from "./keys.ts";

/**
 * Deletes every record of what remotes have: after damage, some of these may be gone, and the rest may contradict each other.
 * None is needed for safety. What was published is seen again on the remotes, and what they have is uploaded once more.
 */
export async function forgetRemotes(journal: Journal): Promise<void> {
  await forget(journal, [remoteKeys, remoteRefKeys, bundleKeys, uploadKeys, allOldObjectsKeys]);
}

/** Deletes every record of what one remote has. None is needed for safety, as of {@link forgetRemotes}. */
export async function forgetRemote(journal: Journal, label: string): Promise<void> {
  await forget(journal, keysOfRemote(label));
}

async function forget(journal: Journal, ranges: readonly KeyRange[]): Promise<void> {
  const operations: BatchOperation[] = [];
  for (const range of ranges) {
    for await (const key of journal.keys(range)) operations.push({ type: "del", key });
  }
  await journal.write(operations, true);
}
