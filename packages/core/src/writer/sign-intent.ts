// The next head of a log for one remote: signed, and durable in the journal before anybody sees it.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { IntentRecord, RemoteRecords } from "../journal/remote-records.ts";
import { encodeHead } from "../log/head.ts";
import { withSnapshotContent } from "../log/snapshot-content.ts";
import type { CompactRange } from "../merkle/index.ts";
import { contentFor } from "../remote/name-content.ts";
import type { Remote } from "../remote/remote.ts";
import type { HeadObjects } from "./head-objects.ts";
import { headRoomOn } from "./remote-room.ts";
import { newRemoteId } from "./remote-state.ts";
import type { RemoteTree } from "./remote-tree.ts";
import { readyManifest } from "./store-manifest.ts";
import type { StoredTree } from "./stored-tree.ts";
import type { WriterState } from "./writer-state.ts";

/** Where a head will be shown, and who signs it. */
export interface IntentPlace {
  readonly remote: Remote;
  readonly writer: WriterState;
  readonly records: RemoteRecords;
  readonly tree: RemoteTree;
  readonly heads: HeadObjects;
  /** The id of the remote, in hexadecimal digits; a new one is made if it has none. */
  readonly remoteId: string | undefined;
}

/** Signs the next head of a tree whose contents, pages and nodes are stored, and makes it durable in the journal. */
export async function signIntent(
  { remote, writer, records, tree: remoteTree, heads, remoteId }: IntentPlace,
  tree: CompactRange,
  { levels, pairs }: StoredTree,
  signal: AbortSignal,
): Promise<{ readonly intent: IntentRecord; readonly remoteId: string }> {
  const { signer, genesis, manifests } = writer;
  let signing = manifests.signing;
  let manifest = await readyManifest({ remote, writer, records }, signal);
  let { note, checkpoint } = await signer.sign(tree);
  // The key may be replaced meanwhile, and one key has to sign both.
  while (signing !== manifests.signing) {
    signing = manifests.signing;
    manifest = await readyManifest({ remote, writer, records }, signal);
    ({ note, checkpoint } = await signer.sign(tree));
  }
  const said = manifest && { manifest: manifest.head };
  const bare = encodeHead({ genesis, note, checkpoint, levels, pairs, ...said });
  const newest = manifest?.snapshot;
  // What the head itself shows needs no hint, and of what is not published yet nothing may be stored.
  const isBelow = newest !== undefined && newest < tree.size - pairs.length;
  const snapshot = isBelow ? await remoteTree.contentAddress(newest) : undefined;
  const head = snapshot === undefined ? bare : withSnapshotContent(bare, snapshot, headRoomOn(remote));
  const id = remoteId === undefined ? newRemoteId() : hexToBytes(remoteId);
  const { content, apart } = await contentFor(remote, head, id);
  const intent = {
    ...{ size: tree.size, content },
    ...(apart && { head: apart }),
    ...(manifest && { manifest: manifest.version }),
  };
  await signer.record({ note, checkpoint }, async (signed) => {
    const steps = await heads.signedOperations(intent);
    if (manifest !== undefined) steps.push(manifests.signedOperation(manifest.signed));
    await remoteTree.acknowledged.commit((notes) => records.saveIntent(intent, signed, [...notes, ...steps]));
    if (manifest !== undefined) manifests.adopt(manifest.signed);
  });
  return { intent, remoteId: bytesToHex(id) };
}
