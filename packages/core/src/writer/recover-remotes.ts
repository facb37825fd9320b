// What a recovery makes of the journal's records of remotes.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { BatchOperation } from "../journal/database.ts";
import { contentHash, RemoteRecords } from "../journal/remote-records.ts";
import { UploadRecords } from "../journal/upload-records.ts";
import { remoteIdIn } from "../log/head.ts";
import { pagesInRun } from "../log/lay-run.ts";
import type { Remote } from "../remote/remote.ts";
import type { TreeView } from "../tree/tree-view.ts";
import type { WriterState } from "./writer-state.ts";

/** What a remote shows. */
export interface Found {
  readonly remote: Remote;
  /** The tree that its name leads to; absent if that holds no head of this log. */
  readonly view: TreeView | undefined;
  readonly revision: string;
  readonly content: Uint8Array;
}

/**
 * Pages of replaced entries are of no use: the index is rebuilt from there, on every remote that was ever used.
 *
 * @param common - how many entries of the journal, from the first, were not replaced
 */
export async function resetTrees(
  { journal, genesis }: Pick<WriterState, "journal" | "genesis">,
  common: number,
): Promise<BatchOperation[]> {
  const operations: BatchOperation[] = [];
  const kept = Math.floor(common / genesis.genesis.leafSize);
  for (const label of await RemoteRecords.labels(journal)) {
    const records = new RemoteRecords(journal, label);
    const { pages, bundled } = await records.loadTree();
    if (pages <= kept) continue;
    const cut = await records.bundles.load(Math.max(0, kept - genesis.genesis.fanOut), pages);
    const lost = cut.filter(({ first, lengths }) => first + lengths.length > kept);
    // Pages of a bundle that is cut may be stored in no other way.
    const whole = Math.min(kept, lost[0]?.first ?? kept);
    const run = pagesInRun(genesis.genesis);
    const to = Math.min(bundled?.to ?? 0, Math.floor(whole / run) * run);
    // The nodes that hold the newest refs go; the refs of what is kept stand.
    operations.push(
      ...lost.map((bundle) => records.bundles.deleteOperation(bundle)),
      records.treeOperation({
        pages: whole,
        nodes: [],
        ...(bundled && { bundled: { from: Math.min(bundled.from, to), to } }),
      }),
    );
  }
  return operations;
}

/**
 * The next update builds on the revision that was found. What the journal believes of the remote is another matter, unless it
 * put that head there itself: it looks for everything.
 */
export async function takeRevision(
  { journal }: Pick<WriterState, "journal">,
  { remote, view, revision, content }: Found,
): Promise<BatchOperation[]> {
  const records = new RemoteRecords(journal, remote.label);
  const hash = contentHash(content);
  const id = remoteIdIn(content);
  const shown = id === undefined ? null : bytesToHex(id);
  const before = await records.loadPublished();
  const version = view?.head.manifest?.manifest.version;
  const published = {
    size: view?.size ?? 0,
    revision,
    content: hash,
    ...(shown !== null && { remoteId: shown }),
    ...(version !== undefined && { manifest: version }),
  };
  const operations = records.publishedOperations(published);
  if (before?.content === hash) return operations;
  const uploads = new UploadRecords(journal, remote.label);
  const forgotten = (await uploads.load()).map(({ number }) => uploads.deleteOperation(number));
  return [...operations, ...forgotten, ...records.doubtOperations({ shown })];
}
