import { bytesToHex } from "@noble/hashes/utils.js";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { ConflictError, IntegrityError, MalformedError } from "../errors/index.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { RemoteRecords } from "../journal/remote-records.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import { readEntries } from "../reader/entry-stream.ts";
import { defaultLimits } from "../reader/limits.ts";
import { openHead } from "../reader/remote-offer.ts";
import { TreeView } from "../reader/tree-view.ts";
import type { Remote } from "../remote/remote.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";

/** Entries written to the journal at once. */
const ENTRIES_AT_ONCE = 1024;

/** What a recovery did. */
export interface RecoveryResult {
  /** Number of entries that came from a remote. */
  readonly recovered: number;
  /** Number of entries of the journal that no remote had, and that now stand behind the recovered ones. */
  readonly appendedAnew: number;
  /** Number of entries in the journal now. */
  readonly size: number;
}

interface Parts {
  readonly journal: Journal;
  readonly genesis: IdentifiedGenesis;
  readonly sealing: Sealing;
  readonly signer: CheckpointSigner;
  readonly remotes: readonly Remote[];
  readonly tree: CompactRange;
}

interface Found {
  readonly remote: Remote;
  readonly view: TreeView | undefined;
  readonly revision: string;
  readonly content: Uint8Array;
}

/** Brings a journal up to the newest state that any of its remotes shows. See `Writer.recover`. */
export async function recoverJournal(
  parts: Parts,
  signal: AbortSignal,
): Promise<RecoveryResult & { readonly tree: CompactRange }> {
  const { journal, signer, remotes } = parts;
  const found: Found[] = [];
  for (const remote of remotes) {
    const one = await look(parts, remote, signal);
    if (one !== undefined) found.push(one);
  }
  const newest = found.reduce<Found | undefined>(
    (best, one) => ((one.view?.size ?? -1) > (best?.view?.size ?? -1) ? one : best),
    undefined,
  );
  const signed = signer.largest?.checkpoint;
  let tree = parts.tree;
  let common = tree.size;
  let recovered = 0;
  let appendedAnew = 0;
  if (newest?.view !== undefined && newest.view.size > (signed?.size ?? 0)) {
    const { view } = newest;
    const start = signed?.size ?? 0;
    const prefix = await view.prefix(start, signal);
    if (signed !== undefined && !bytesEqual(prefix.root(), signed.root)) throw forked(newest);
    ({ tree, common, recovered, appendedAnew } = await takeOver(parts, view, prefix, signal));
    signer.adopt({ note: view.head.note, checkpoint: view.head.checkpoint });
    await journal.write([journal.signedOperation(view.head.note)], true);
  }
  for (const one of found) await takeRevision(parts, one, common);
  return { recovered, appendedAnew, size: tree.size, tree };
}

async function look({ genesis }: Parts, remote: Remote, signal: AbortSignal): Promise<Found | undefined> {
  const resolution = await remote.names.resolve(remote.name ?? genesis.logId, { signal });
  if (resolution.status !== "found") return undefined;
  const { content, revision } = resolution;
  let view: TreeView | undefined;
  try {
    const head = await openHead(remote, genesis.logId, content, defaultLimits.headBytes, signal);
    view = new TreeView(head, remote.storage, defaultLimits, signal);
  } catch (error) {
    // What is no head of this log is not worth keeping: the next publish replaces it.
    if (!(error instanceof MalformedError || error instanceof IntegrityError)) throw error;
  }
  return { remote, view, revision, content };
}

// The remote's entries replace the journal's from the first that differs; those of the journal go behind them.
async function takeOver(
  { journal, sealing, tree: local }: Parts,
  view: TreeView,
  prefix: CompactRange,
  signal: AbortSignal,
): Promise<{ tree: CompactRange; common: number; recovered: number; appendedAnew: number }> {
  const start = prefix.size;
  const aside = await EntriesAside.take(journal, sealing, start, local.size);
  const tree = prefix.clone();
  await journal.write([journal.treeOperation(prefix)], true);
  let batch: JournalEntry[] = [];
  const flush = async (): Promise<void> => {
    await journal.write(journal.appendOperations(batch, tree), true);
    batch = [];
  };
  const add = async (content: Uint8Array): Promise<void> => {
    const entry = { sequence: tree.size, content, ...sealing.seal(tree.size, content) };
    tree.appendLeaf(leafHashOf(entry.localHash, entry.contentHash));
    batch.push(entry);
    if (batch.length >= ENTRIES_AT_ONCE) await flush();
  };
  const own = aside.entries(start);
  let common = start;
  for await (const { content } of readEntries(view, { from: start, to: view.size }, defaultLimits, signal)) {
    if (common === tree.size) {
      const mine = await own.next();
      if (!mine.done && bytesEqual(mine.value.content, content)) common++;
    }
    await add(content);
  }
  await own.return();
  const recovered = view.size - common;
  for await (const { content } of aside.entries(common)) await add(content);
  await flush();
  await journal.write([...aside.removeOperations(), journal.treeOperation(tree)], true);
  return { tree, common, recovered, appendedAnew: aside.end - common };
}

// The next update builds on the revision that was found. The index goes on from what is certain to be stored.
async function takeRevision(
  { journal, genesis }: Parts,
  { remote, view, revision, content }: Found,
  common: number,
): Promise<void> {
  const records = new RemoteRecords(journal, remote.label);
  const published = { size: view?.size ?? 0, revision, content: bytesToHex(sha256(content)) };
  const operations = records.publishedOperations(published);
  const { pages } = await records.loadTree();
  if (pages * genesis.genesis.leafSize > common)
    operations.push(records.treeOperation({ pages: 0, nodes: [] }));
  await journal.write(operations, true);
}

function forked({ remote, view }: Found): ConflictError {
  return new ConflictError(
    `${remote.label} shows a history that contradicts what was signed here: the log forked, and no recovery can join the two. ` +
      "Begin a new log, and append there what matters.",
    { operation: "writer.recover", foreign: view!.head.bytes },
  );
}
