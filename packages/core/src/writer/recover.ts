// Recovery: takes over what a remote has and the journal lacks.

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { ConflictError, hasCode, InvalidInputError, type LostEntries } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import { removedRangesKey } from "../journal/keys.ts";
import { EpochSealing } from "../log/epoch-sealing.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { generationOf } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { openAnyHead, openHead } from "../tree/open-head.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { checkCovered } from "./check-covered.ts";
import { readAgain } from "./read-again.ts";
import { recoverManifest } from "./recover-manifest.ts";
import { withoutSuperseded } from "./recover-owners.ts";
import { type Found, resetTrees, takeRevision } from "./recover-remotes.ts";
import { Renumbering } from "./renumbering.ts";
import { ownPrefix, type TakenOver, takeOver } from "./take-over.ts";
import type { WriterState } from "./writer-state.ts";

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
  const all: Found[] = [];
  for (const remote of remotes.map((one) => readAgain(one, signal))) {
    const one = await look(parts, remote, signal);
    if (one !== undefined) all.push(one);
  }
  const { successions } = manifests.signing;
  const own = { successions, prefix: (size: number): Promise<CompactRange> => ownPrefix(parts, size) };
  const found = await withoutSuperseded(all, own, signal);
  const newest = found.reduce<Found | undefined>(
    (best, one) => ((one.view?.size ?? -1) > (best?.view?.size ?? -1) ? one : best),
    undefined,
  );
  // What a former key signed here binds nobody if a later one has signed: it is looked for from the beginning.
  const isOfLaterKey = found.some(({ view }) => view && generationOf(view.head) > successions.length);
  const signed = isOfLaterKey ? undefined : signer.largest;
  // A journal that lost entries may have fewer than it signed.
  const start = Math.min(signed?.checkpoint.size ?? 0, incomplete ? before.size : Infinity);
  const ahead = newest?.view !== undefined && newest.view.size > start ? newest.view : undefined;
  await checkOneHistory({ ...parts, signed: signed?.checkpoint }, found, ahead, signal);
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
    // What came from a remote may hold contents again that were removed here: they are taken out once more.
    end.push({ type: "del", key: removedRangesKey });
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
  if (ahead !== undefined) {
    const shownLast = { note: ahead.head.note, checkpoint: ahead.head.checkpoint };
    if (isOfLaterKey) signer.replace(shownLast);
    else signer.adopt(shownLast);
  }
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
  parts: Parts & { readonly signed: Checkpoint | undefined },
  found: readonly Found[],
  ahead: TreeView | undefined,
  signal: AbortSignal,
): Promise<void> {
  const prefix = (size: number): Promise<CompactRange> =>
    ahead === undefined ? ownPrefix(parts, size) : ahead.prefix(size, signal);
  const { signed } = parts;
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

function forked(remote: Remote, view: TreeView): ConflictError {
  return new ConflictError(
    `${remote.label} shows a history that contradicts what was signed here, or what another remote shows: ` +
      "the log forked, and no recovery can join the two. Nothing was changed. Start a new log, and append what matters to it.",
    { operation: "writer.recover", foreign: view.head.bytes },
  );
}
