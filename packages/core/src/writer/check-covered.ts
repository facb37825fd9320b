// Whether a recovery can bring back everything that was acknowledged.

import { bytesEqual } from "../bytes.ts";
import { JournalCorruptError, type LostEntries } from "../errors/index.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import type { Acknowledged } from "../journal/witness.ts";
import { leafHashOf } from "../log/pair.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { TreeView } from "../tree/tree-view.ts";
import { describeLost } from "./check-acknowledged.ts";
import type { WriterState } from "./writer-state.ts";

/** What a recovery can bring back. */
export interface Covered {
  /**
   * Number of the entry after the last that the journal itself holds past what the remote has: beyond a gap that the remote
   * closes. 0 if there are none.
   */
  readonly keptTo: number;
  /** What nobody has any more, and the caller accepted to lose. */
  readonly lost?: LostEntries;
}

interface Parts extends Pick<WriterState, "journal" | "sealing" | "signer"> {
  /** The tree of the journal's intact entries. */
  readonly tree: CompactRange;
}

/**
 * Checks that the journal and the newest state of a remote together have everything that was acknowledged.
 *
 * @param options - `ahead`: the newest state of a remote, if it goes beyond the journal's; `acknowledged`: what was acknowledged;
 * `acceptLoss`: whether to continue without entries that nobody has
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` with the reason `"lost-for-good"` or `"lost-signed"`
 */
export async function checkCovered(
  parts: Parts,
  options: {
    readonly ahead: TreeView | undefined;
    readonly acknowledged: Acknowledged | undefined;
    readonly acceptLoss: boolean;
  },
  signal: AbortSignal,
): Promise<Covered> {
  const { ahead, acknowledged, acceptLoss } = options;
  const here = Math.max(parts.tree.size, await EntriesAside.end(parts.journal));
  const signed = parts.signer.largest?.checkpoint.size ?? 0;
  // Without a witness, what was signed is all that is known.
  const needed = Math.max(acknowledged?.size ?? 0, signed);
  if (here >= needed) return { keptTo: 0 };
  const there = ahead?.size ?? 0;
  if (ahead !== undefined && there >= needed && (await agrees(ahead, acknowledged, signal)))
    return { keptTo: 0 };
  if (ahead !== undefined && there < needed) {
    const keptTo = await intactBeyond(parts, ahead, acknowledged, signal);
    if (keptTo >= needed) return { keptTo };
  }
  // If the remote has another history from somewhere on, all that is only known to be missing here counts as lost.
  const from = there >= needed ? here : Math.max(here, there);
  const lost = { from, to: needed };
  const signedBefore = Math.max(signed, acknowledged?.signed ?? 0);
  if (signedBefore > from) throw lostSigned(lost, signedBefore);
  if (!acceptLoss) throw lostForGood(lost);
  return { keptTo: 0, lost };
}

async function agrees(
  ahead: TreeView,
  acknowledged: Acknowledged | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (acknowledged === undefined) return true;
  return bytesEqual((await ahead.prefix(acknowledged.size, signal)).root(), acknowledged.root);
}

// The number after the last intact entry past what the remote has, if those are the ones that were acknowledged; else 0.
async function intactBeyond(
  { journal, sealing }: Parts,
  ahead: TreeView,
  acknowledged: Acknowledged | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (acknowledged === undefined) return 0;
  const tree = (await ahead.prefix(ahead.size, signal)).clone();
  try {
    for await (const entry of journal.entries(tree.size, acknowledged.size, sealing)) {
      tree.appendLeaf(leafHashOf(entry.localHash, entry.contentHash));
    }
  } catch (error) {
    if (error instanceof JournalCorruptError) return 0;
    throw error;
  }
  return bytesEqual(tree.root(), acknowledged.root) ? tree.size : 0;
}

function lostForGood(lost: LostEntries): JournalCorruptError {
  return new JournalCorruptError(
    `Not everything that was acknowledged can be recovered: ${describeLost(lost)} neither on this device nor on any remote. ` +
      "Nothing was changed. Add a remote that has them. Or continue without them: call recover() with `acceptLoss`; then their " +
      "numbers are given out again.",
    { operation: "writer.recover", reason: "lost-for-good", lost },
  );
}

function lostSigned(lost: LostEntries, signed: number): JournalCorruptError {
  return new JournalCorruptError(
    `Not everything that was acknowledged can be recovered: ${describeLost(lost)} neither on this device nor on any remote, and ` +
      `the first ${signed} entries were signed, so readers may have seen them. To continue without them would fork the log. ` +
      "Nothing was changed. Add a remote that has them, or start a new log.",
    { operation: "writer.recover", reason: "lost-signed", lost },
  );
}
