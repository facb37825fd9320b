// Recovery: takes over what a remote has and the journal lacks.

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { ConflictError, hasCode, InvalidInputError, type LostEntries } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { EpochSealing } from "../log/epoch-sealing.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { openAnyHead, openHead } from "../tree/open-head.ts";
import { readEntries } from "../tree/read-entries.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { checkCovered } from "./check-covered.ts";
import { readAgain } from "./read-again.ts";
import { recoverManifest } from "./recover-manifest.ts";
import { type Found, resetTrees, takeRevision } from "./recover-remotes.ts";
import { Renumbering } from "./renumbering.ts";
import type { WriterState } from "./writer-state.ts";

/** How much is written to the journal at once: what a recovery that is killed reads again at most. */
const ENTRIES_AT_ONCE = 64;
const BYTES_AT_ONCE = 8 * 2 ** 20;

/** Options of `Writer.recover`. */
export interface RecoverOptions extends OperationOptions {
  /**
   * Whether to continue without entries that were acknowledged and that neither this device nor any remote has any more. Their
   * numbers are then given out again: whoever was told one of them has to know. It is refused if readers may have seen them.
   * Default false: the recovery is refused, and changes nothing.
   */
  readonly acceptLoss?: boolean | undefined;
}

/** What a recovery did. */
export interface RecoveryResult {
  /** Number of entries that came from a remote. */
  readonly recovered: number;
  /** Number of entries of the journal that no remote had, and that now follow the recovered ones. */
  readonly appendedAnew: number;
  /** Number of entries in the journal now. */
  readonly size: number;
  /** The entries that were acknowledged and that nobody has any more; absent if there are none. Only with `acceptLoss`. */
  readonly lost?: LostEntries;
}

interface Parts extends Pick<WriterState, "journal" | "genesis" | "sealing" | "signer" | "witnessed"> {
  readonly remotes: readonly Remote[];
  /** The tree of the journal's entries. */
  readonly tree: CompactRange;
}

/** Brings a journal up to the newest state that any of its remotes shows. See `Writer.recover`. */
export async function recoverJournal(
  { journal, genesis, sealing, signer, manifests, witnessed, incomplete, acknowledged }: WriterState,
  { remotes, tree: before }: Pick<Parts, "remotes" | "tree">,
  { signal, acceptLoss }: { readonly signal: AbortSignal; readonly acceptLoss: boolean },
): Promise<RecoveryResult & { readonly tree: CompactRange; readonly commonVersion?: number }> {
  const parts: Parts = { journal, genesis, sealing, signer, witnessed, remotes, tree: before };
  const found: Found[] = [];
  for (const remote of remotes.map((one) => readAgain(one, signal))) {
    const one = await look(parts, remote, signal);
    if (one !== undefined) found.push(one);
  }
  const newest = found.reduce<Found | undefined>(
    (best, one) => ((one.view?.size ?? -1) > (best?.view?.size ?? -1) ? one : best),
    undefined,
  );
  // A journal that lost entries may have fewer than it signed.
  const start = Math.min(signer.largest?.checkpoint.size ?? 0, incomplete ? before.size : Infinity);
  const ahead = newest?.view !== undefined && newest.view.size > start ? newest.view : undefined;
  await checkOneHistory(parts, found, ahead, signal);
  const shown = found.flatMap(({ remote, view }) => {
    const manifest = view?.head.manifest;
    return view && manifest ? [{ remote, view, manifest }] : [];
  });
  const contradicts = (remote: Remote): Error =>
    forked(remote, shown.find((one) => one.remote === remote)!.view);
  const shownEntries = ahead?.size ?? 0;
  const manifest = await recoverManifest(manifests, shown, { contradicts, shownEntries, signal });
  const covered = await checkCovered(parts, { ahead, acknowledged, acceptLoss }, signal);

  // One batch ends the recovery: a crash leaves it either unfinished, to be called again, or complete.
  const end: BatchOperation[] = [];
  const { size } = parts.tree;
  const unmoved = { common: size, renumbering: new Renumbering(size) };
  let taken: TakenOver = { tree: parts.tree, ...unmoved, recovered: 0, appendedAnew: 0, end };
  const takes = ahead !== undefined || incomplete || (await EntriesAside.underWay(journal));
  if (takes) {
    // What comes from a remote was sealed in the epochs of its manifest, and what is appended anew is in the newest of them.
    const anew = sealing instanceof EpochSealing ? sealing.under(manifest.epochs) : sealing;
    taken = await takeOver(parts, { view: ahead, start, keptTo: covered.keptTo, anew }, signal);
    const reset = await resetTrees(parts, taken.common);
    end.push(...taken.end, ...reset);
    end.push(journal.recoveriesOperation(witnessed.recoveries + 1));
  }
  if (ahead !== undefined) end.push(journal.signedOperation(ahead.head.note));
  // A record that is damaged goes.
  else if (incomplete) end.push(journal.signedOperation(signer.largest?.note));
  for (const one of found) {
    const steps = await takeRevision(parts, one);
    end.push(...steps);
  }
  const said = await manifest.operations({ renumbering: taken.renumbering, size: taken.tree.size });
  end.push(...said);
  if (end.length > 0) await journal.write(end, true);
  manifest.finish();
  if (ahead !== undefined) signer.adopt({ note: ahead.head.note, checkpoint: ahead.head.checkpoint });
  const { tree, recovered } = taken;
  // What is intact here stays where it was if no remote is ahead.
  const appendedAnew = incomplete && ahead === undefined ? 0 : taken.appendedAnew;
  if (takes) await witnessed.recovered(tree, signer.largest?.checkpoint.size ?? 0);
  const { lost } = covered;
  const result = { recovered, appendedAnew, size: tree.size, ...(lost !== undefined && { lost }) };
  const { common } = manifest;
  return { ...result, tree, ...(common !== undefined && { commonVersion: common }) };
}

async function look({ genesis }: Parts, remote: Remote, signal: AbortSignal): Promise<Found | undefined> {
  const { names } = remote;
  const maxBytes = names.capabilities.largestContent;
  const resolution = await names.resolve(remote.name ?? genesis.logId, { signal, maxBytes });
  if (resolution.status !== "found") return undefined;
  const { content, revision } = resolution;
  let view: TreeView | undefined;
  try {
    const head = await openHead(remote, genesis.logId, content, defaultLimits.headBytes, signal);
    view = new TreeView(head, remote.storage, defaultLimits, signal);
  } catch (error) {
    if (!hasCode(error, "ERR_MALFORMED", "ERR_INTEGRITY")) throw error;
    // What is no head of this log is not worth keeping: the next publish replaces it. Only another log of the same seed is.
    const sibling = await siblingOf(remote, genesis, content, signal);
    if (sibling !== undefined) throw otherSettings(remote, sibling);
  }
  return { remote, view, revision, content };
}

/** The log of the same key that a name holds, if it holds one: the same seed with other settings. */
async function siblingOf(
  remote: Remote,
  { logId, genesis }: IdentifiedGenesis,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<IdentifiedGenesis | undefined> {
  try {
    const head = await openAnyHead(remote, content, defaultLimits.headBytes, signal);
    const same = bytesEqual(head.genesis.genesis.signingKey, genesis.signingKey);
    return same && head.genesis.logId !== logId ? head.genesis : undefined;
  } catch (error) {
    throwIfAborted(signal);
    if (!hasCode(error, "ERR_MALFORMED", "ERR_INTEGRITY", "ERR_UNSUPPORTED")) throw error;
    return undefined;
  }
}

function otherSettings(remote: Remote, { logId, genesis }: IdentifiedGenesis): InvalidInputError {
  const { leafSize, fanOut, identifiers, visibility } = genesis;
  return new InvalidInputError(
    `${remote.label} holds log ${logId}, which this seed began with other settings (leaf size ${leafSize}, fan-out ${fanOut}, ` +
      `identifiers ${identifiers}, ${visibility}). Nothing was changed. To recover that log, open an empty journal with its id as \`logId\`.`,
    { operation: "writer.recover", reason: "other-settings" },
  );
}

// Before anything is replaced, all that is shown and all that was signed here must be one history.
async function checkOneHistory(
  parts: Parts,
  found: readonly Found[],
  ahead: TreeView | undefined,
  signal: AbortSignal,
): Promise<void> {
  const prefix = (size: number): Promise<CompactRange> =>
    ahead === undefined ? ownPrefix(parts, size) : ahead.prefix(size, signal);
  const signed = parts.signer.largest?.checkpoint;
  for (const { remote, view } of found) {
    if (view === undefined) continue;
    const { size, root } = view.head.checkpoint;
    if (view === ahead) {
      if (signed === undefined || bytesEqual((await prefix(signed.size)).root(), signed.root)) continue;
    } else {
      const known = size === signed?.size ? signed.root : (await prefix(size)).root();
      if (bytesEqual(known, root)) continue;
    }
    throw forked(remote, view);
  }
}

async function ownPrefix({ journal, sealing }: Parts, size: number): Promise<CompactRange> {
  const tree = CompactRange.empty();
  for await (const { localHash, contentHash } of journal.entries(0, size, sealing)) {
    tree.appendLeaf(leafHashOf(localHash, contentHash));
  }
  return tree;
}

interface TakenOver {
  readonly tree: CompactRange;
  /** Number of entries, from the first, that the journal had already. */
  readonly common: number;
  /** Which numbers the journal's entries have now. */
  readonly renumbering: Renumbering;
  readonly recovered: number;
  readonly appendedAnew: number;
  /** What remains to be written. */
  readonly end: readonly BatchOperation[];
}

// The remote's entries replace the journal's past what was signed here; those of the journal follow them. Without a
// remote that is ahead, an unfinished recovery is undone: the journal's own entries return to their places.
async function takeOver(
  parts: Parts,
  { view, start, keptTo, anew }: { view: TreeView | undefined; start: number; keptTo: number; anew: Sealing },
  signal: AbortSignal,
): Promise<TakenOver> {
  const { journal, sealing } = parts;
  const resumed = view && (await takenBefore(parts, view, start, signal));
  const prefix = view === undefined ? await ownPrefix(parts, start) : await view.prefix(start, signal);
  const aside = await EntriesAside.take(journal, sealing, start, parts.tree.size);
  const tree = (resumed ?? prefix).clone();
  await journal.write([journal.treeOperation(tree)], true);
  let batch: JournalEntry[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    // The tree says how far the entries have been replaced.
    await journal.write([...journal.appendOperations(batch, () => tree), journal.treeOperation(tree)], true);
    batch = [];
    bytes = 0;
  };
  const add = async (content: Uint8Array): Promise<void> => {
    const entry = { sequence: tree.size, content, ...anew.seal(tree.size, content) };
    tree.appendLeaf(leafHashOf(entry.localHash, entry.contentHash));
    batch.push(entry);
    bytes += content.length;
    if (batch.length >= ENTRIES_AT_ONCE || bytes >= BYTES_AT_ONCE) await flush();
  };
  const own = aside.entries(start);
  let common = start;
  const compare = async (sequence: number, content: Uint8Array): Promise<void> => {
    if (common !== sequence) return;
    const mine = await own.next();
    if (!mine.done && bytesEqual(mine.value.content, content)) common++;
  };
  for await (const { sequence, content } of journal.entries(start, tree.size, sealing)) {
    await compare(sequence, content);
  }
  const rest =
    view &&
    readEntries(
      view,
      { from: tree.size, to: view.size },
      { limits: defaultLimits, identity: { openingOf: () => Promise.resolve(anew) }, signal },
    );
  try {
    for await (const { content } of rest ?? []) {
      await compare(tree.size, content);
      await add(content);
    }
  } finally {
    // What was read is kept, also if the rest can't be read.
    await flush();
  }
  await own.return();
  const recovered = tree.size - common;
  const renumbering = new Renumbering(common);
  // Entries past a gap, which the remote has closed, stay at their places.
  for await (const { sequence, content } of journal.entries(
    tree.size,
    Math.max(tree.size, keptTo),
    sealing,
  )) {
    renumbering.note(sequence, tree.size);
    await add(content);
  }
  for await (const { sequence, content } of aside.entries(common)) {
    renumbering.note(sequence, tree.size);
    await add(content);
  }
  await flush();
  const ending = await aside.endOperations(tree.size);
  const end = [...ending, journal.treeOperation(tree)];
  return { tree, common, renumbering, recovered, appendedAnew: aside.end - common, end };
}

// How far an earlier recovery that did not end has replaced the entries by those of this remote; `undefined` if by none.
async function takenBefore(
  { journal }: Parts,
  view: TreeView,
  start: number,
  signal: AbortSignal,
): Promise<CompactRange | undefined> {
  if (!(await EntriesAside.underWay(journal))) return undefined;
  const taken = await journal.savedTree();
  if (taken.size <= start || taken.size > view.size) return undefined;
  const there = await view.prefix(taken.size, signal);
  return bytesEqual(there.root(), taken.root()) ? taken : undefined;
}

function forked(remote: Remote, view: TreeView): ConflictError {
  return new ConflictError(
    `${remote.label} shows a history that contradicts what was signed here, or what another remote shows: ` +
      "the log forked, and no recovery can join the two. Nothing was changed. Start a new log, and append what matters to it.",
    { operation: "writer.recover", foreign: view.head.bytes },
  );
}
