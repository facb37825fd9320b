// A recovery in its turn: appends and publishes wait meanwhile, and a writer whose journal is half rewritten says so.

import { throwIfAborted } from "../async/signals.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import type { Remote } from "../remote/remote.ts";
import type { AppendQueue } from "./append-queue.ts";
import { type RecoveryResult, recoverJournal } from "./recover.ts";
import type { WriterState } from "./writer-state.ts";

/** Recovers the journal while nothing is appended. */
export async function recoverInTurn(
  state: WriterState,
  { queue, remotes }: { readonly queue: AppendQueue; readonly remotes: readonly Remote[] },
  options: { readonly signal: AbortSignal; readonly acceptLoss: boolean },
): Promise<RecoveryResult> {
  const recovery = await queue.replace(async (tree) => {
    throwIfAborted(options.signal);
    try {
      const recovered = await recoverJournal(state, { remotes, tree }, options);
      state.recovering = false;
      state.incomplete = false;
      state.acknowledged = undefined;
      await state.epochs?.recovered(recovered.tree.size, recovered.commonVersion);
      return recovered;
    } catch (error) {
      // If the journal is half rewritten, nothing may be appended until it is whole.
      const unfinished = await EntriesAside.underWay(state.journal).catch(() => true);
      state.recovering = state.incomplete || unfinished;
      throw error;
    }
  });
  const { tree: _, commonVersion: __, ...result } = recovery;
  return result;
}
